// Package battery holds tests that break a gateway's answers in every way, at every
// byte, and hold the library to what it promises of each: the error, what is kept, how
// often it tries, how long that takes, what it costs, and that nothing is left behind.
package battery
