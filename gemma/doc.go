// Package gemma counts tokens exactly as Gemma 4 does, with the vocabulary from the
// user's own tokenizer file. Its [Tokenizer] is a [keeprouter.TokenCounter].
//
// # The file
//
// Give [Load] the tokenizer.json of a Gemma 4 model (32 MB; published by Google under
// the Apache License 2.0 with each model, for example in the repository of
// gemma-4-31B-it on Hugging Face), or the SentencePiece file tokenizer.model (4.7 MB).
// Only the vocabulary is read, which is the same for all sizes of the model, and the
// same as Gemma 3's. Any other vocabulary is refused with [ErrVocabulary]. Nothing is
// ever downloaded, and no vocabulary comes with this package.
//
// # What is exact
//
// The ids of plain text are those of the reference tokenizer configured as Gemma 4's:
// all white space, every script, unknown characters spelt in bytes. A byte that isn't
// valid UTF-8 is read as U+FFFD, which is what encoding/json puts into a request for it.
//
// # What is not
//
//   - Special tokens in a text, such as <|turn>, are counted as plain text: some tokens
//     instead of one. The reference takes them for what they spell.
//   - HTML tags are plain text to Gemma 4's tokenizer.json. Gemma 3's configuration, and
//     SentencePiece's own runtime, take seventy tags such as <td> as one token each, so a
//     gateway that runs one of those counts less for HTML: 6 % on a typical page.
//   - [Tokenizer.CountPrompt] follows one version of the chat template; a gateway may run
//     another, or not count it at all. Compare with the usage that comes back.
//   - Gemini models have a tokenizer that isn't published. Nothing here is verified for
//     them.
package gemma
