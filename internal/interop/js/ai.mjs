// The AI SDK, with the provider that is named by the first argument.
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, Output, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { failure, forecast, gateway, gone, key, model, pixel, place, run } from "./cases.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false;

const providers = {
  "openai-compatible": (o) =>
    createOpenAICompatible({ name: "keeprouter", baseURL: `${gateway}/v1`, includeUsage: true, supportsStructuredOutputs: true, ...o }),
  anthropic: (o) => createAnthropic({ baseURL: `${gateway}/v1`, ...o }),
};
const provider = providers[process.argv[2]];

const request = { system: "Be brief.", prompt: "Weather?", maxRetries: 0 };

// Reasoning is asked for in the provider's own words.
const providerOptions = {
  keeprouter: { reasoningEffort: "low" },
  anthropic: { thinking: { type: "enabled", budgetTokens: 1024 }, structuredOutputMode: "outputFormat" },
};

const answer = async (r) => ({
  thinking: (await r.reasoningText) ?? "",
  text: await r.text,
  calls: (await r.toolCalls).map((c) => [c.toolCallId, c.toolName, c.input]),
  finish: await r.finishReason,
});

const error = (e) => ({
  class: e.name,
  status: e.statusCode,
  retryable: e.isRetryable,
  type: e.data?.error?.type ?? e.type,
  retryAfter: e.responseHeaders?.["retry-after"],
});

const weather = (seen) => ({
  get_weather: tool({ inputSchema: forecast, execute: async (args) => (seen.push(args), "22 °C") }),
  get_time: tool({ inputSchema: z.object({}), execute: async () => "12:00" }),
});

const create = (client, more) => generateText({ model: client(model), ...request, ...more });

// stream reports errors by its parts, and logs them unless told otherwise.
const stream = (client, more) => streamText({ model: client(model), ...request, onError() {}, ...more });

// read is the text until the stream ends or fails.
async function read(result) {
  let text = "";
  for await (const part of result.fullStream) {
    if (part.type === "text-delta") text += part.text;
    if (part.type === "error") return { text, error: part.error };
    if (part.type === "abort") return { text, aborted: true };
  }
  return { text };
}

const parsed = async (client, schema) => (await create(client, { output: Output.object({ schema }), providerOptions })).output;

await run(
  {
    async chat(client) {
      const r = await create(client, { maxOutputTokens: 100, temperature: 0.2 });
      const { inputTokens, outputTokens, inputTokenDetails } = r.usage;
      return { ...(await answer(r)), usage: [inputTokens, outputTokens, inputTokenDetails.cacheReadTokens], model: r.response.modelId };
    },

    async stream(client) {
      const r = stream(client);
      let deltas = 0;
      for await (const _ of r.textStream) deltas++;
      const { inputTokens, outputTokens } = await r.usage;
      return { ...(await answer(r)), deltas, usage: [inputTokens, outputTokens] };
    },

    async tools(client) {
      const seen = [];
      const r = await create(client, { tools: weather(seen), stopWhen: stepCountIs(3) });
      const calls = r.steps[0].toolCalls.map((c) => [c.toolCallId, c.toolName, c.input]);
      return { calls, seen, text: r.text, finishes: r.steps.map((s) => s.finishReason) };
    },

    async toolsStreamed(client) {
      const seen = [];
      let pieces = 0;
      const r = stream(client, { tools: weather(seen), stopWhen: stepCountIs(3) });
      for await (const part of r.fullStream) pieces += part.type === "tool-input-delta" ? 1 : 0;
      return { seen, text: await r.text, inPieces: pieces > 2 };
    },

    structured: (client) => failure(parsed(client, forecast), error),

    structuredText: (client) => parsed(client, place),

    async thinking(client) {
      return answer(await create(client, { providerOptions }));
    },

    async thinkingStreamed(client) {
      const r = stream(client, { providerOptions });
      await r.consumeStream();
      return answer(r);
    },

    async image(client) {
      const content = [
        { type: "text", text: "What is this?" },
        { type: "image", image: pixel, mediaType: "image/png" },
      ];
      return answer(await create(client, { prompt: [{ role: "user", content }] }));
    },

    wrongKey: (client) => failure(create(client.withKey("kr-test-wrong")), error),

    orphan(client) {
      const content = [{ type: "tool-result", toolCallId: "x", toolName: "get_time", output: { type: "text", value: "12:00" } }];
      return failure(create(client, { prompt: [{ role: "user", content: "Time?" }, { role: "tool", content }] }), error);
    },

    unknownModel: (client) => failure(create(client, { model: client("gemma-9000") }), error),

    rateLimit: (client) => failure(create(client), error),

    overloaded: (client) => failure(create(client), error),

    async retried(client) {
      return answer(await create(client, { maxRetries: 1 }));
    },

    async streamError(client) {
      const { text, error: e } = await read(stream(client));
      return { text, error: e?.error?.message ?? e?.message ?? e };
    },

    async abort(client) {
      const abort = new AbortController();
      const onChunk = ({ chunk }) => chunk.type === "text-delta" && abort.abort();
      const { aborted } = await read(stream(client, { abortSignal: abort.signal, onChunk }));
      return { aborted, gone: await gone("abort") };
    },
  },
  (headers) => Object.assign(provider({ apiKey: key, headers }), { withKey: (apiKey) => provider({ apiKey, headers }) }),
);
