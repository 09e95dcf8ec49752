// Package translate carries requests, answers and errors from one wire format of
// the gateway to the other: Chat Completions and Messages.
//
//	msgs, diagnostics, err := translate.ToMessages(req)
//
// Nothing is dropped silently. What the other format can't say is refused with a
// [*RefusalError], which names all of it at once, or changed and reported as a
// [Diagnostic]; [Policy] moves the border between the two. A [Translator] has the
// settings, among them what the [Target] server can do, and gives a [Session] that
// translates the answer.
//
// # What is carried
//
// Without a difference, in both directions: instructions, texts, images by data or
// URL, PDF files, tools and their choice, calls and results, signed thinking, the
// limits, temperature up to 1, top_p, top_k, stop sequences, effort, the schema of an
// answer, the user's id, cache marks where the server takes them.
//
// Changed, and reported:
//
//	Chat to Messages
//	temperature above 1                    1
//	no limit                               Translator.MaxTokens
//	response_format json_object            a sentence in the instruction
//	free text tools                        functions of one string; grammars are lost
//	allowed_tools                          the other tools are left out
//	refusals in the history                text
//	unsigned reasoning in the history      dropped, see Target.UnsignedThinking
//	names, detail, metadata, verbosity,    dropped
//	penalties, biases, seed, prediction
//
//	Messages to Chat
//	later instructions                     <system-reminder> in the user's turn, see Target.System
//	images in results of tools             a user message behind the results
//	is_error                               "Error: " before the text
//	thinking budgets                       an effort
//	documents of text, search results      text
//	citations, calls of server tools       dropped
//
// Refused, and dropped when the policy is Lenient: audio, logprobs, web_search_options,
// moderation, tools that the server runs, files by id, documents by URL, unknown
// parts, picture types that the other side doesn't know, more stop sequences than it
// takes, schema keywords that it refuses, calls without a result and results without a
// call, MCP servers, containers, and an answer to continue where the server begins a
// new one.
//
// Always refused: more than one choice, arguments that aren't a JSON object, a demand
// for a tool that can't be carried, a thread to continue, and what isn't valid in its
// own format.
//
// An answer is refused when its arguments aren't a JSON object, and when it doesn't say
// why it ended, or says that the server gave up. A call that a limit has cut is left
// out of a Messages answer and marked in a Chat answer, never completed.
//
// Strict refuses all of this, the changes included, except what is reported as Minor: there the model is
// asked the same in other words.
//
// # Order
//
// Messages of one side in a row become one turn in Messages. Results of tools come
// first in their turn, in the order of the calls. Ids and names of tools that the other
// format doesn't take are replaced by others that depend on them alone, so that a
// conversation gives the same bytes each time, as prompt caches and signatures want;
// the names are put back in the answer.
package translate
