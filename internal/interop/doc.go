// Package interop holds tests that drive the local gateway with clients which
// nobody here wrote. It is a module of its own, so that their dependencies never
// reach users of the library.
package interop
