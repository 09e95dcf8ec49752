// Package tokens estimates how many tokens of Gemma's vocabulary a text has, without the
// vocabulary.
//
// It sorts the text into digits, white space, words, signs and runs of one script, and adds
// up what each costs. Digits and white space are exact: a digit is a token, and so is a run
// of up to 31 newlines, tabs or spaces; a single space belongs to the word after it. A word
// of Latin or Cyrillic letters costs a constant and something for each pair of neighbouring
// letters, the more the rarer the pair is in the vocabulary's pieces, which tells a language
// that the vocabulary knows well from one that it doesn't, and a word from a random string.
// All other scripts cost so much per run and so much per character. No weight is negative,
// so that more text never means fewer tokens, but for the piece or so where two texts meet.
//
// # How the weights were found
//
// By least squares of the relative error, without negative weights, on about 7,000 texts
// of 150 to 5,000 characters whose true number of tokens is known: handbooks, manual pages,
// program help, long interface messages and collections of quotations in 55 languages of
// 23 scripts; code in ten languages from public packages; JSON, HTML, XML, YAML, CSS,
// Markdown and LaTeX files; and generated JSON, tool schemas, logs, CSV, UUIDs, hex dumps,
// base64, URLs, emoji and white space. HTML tags are counted as plain text, as Gemma 4
// does. Languages and kinds of text weigh alike, English and code more.
//
// How far off it is for which kind of text stands in docs/tokens.md, whose bounds the
// tests hold.
package tokens
