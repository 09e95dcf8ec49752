import Anthropic from "@anthropic-ai/sdk";
import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { failure, forecast, gateway, gone, key, model, pixel, place, run } from "./cases.mjs";

const system = [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral", ttl: "1h" } }];
const messages = [{ role: "user", content: "Weather?" }];
const request = { model, max_tokens: 2000, system, messages };

const input_schema = { type: "object", properties: { city: { type: "string" }, days: { type: "integer" } } };
const tools = ["get_weather", "get_time"].map((name) => ({ name, input_schema }));

const blocks = {
  thinking: (b) => ["thinking", b.thinking, typeof b.signature],
  text: (b) => ["text", b.text],
  tool_use: (b) => ["tool_use", b.id, b.name, b.input],
};
const answer = (m) => ({ content: m.content.map((b) => blocks[b.type](b)), stop: m.stop_reason });

const error = (e) => ({
  class: e.constructor.name,
  status: e.status,
  type: e.type,
  retryAfter: e.headers?.get("retry-after"),
  requestID: Boolean(e.requestID),
});

const create = (client, more) => client.messages.create({ ...request, ...more });

const parsed = async (client, schema) => {
  const m = await client.messages.parse({ ...request, output_config: { format: zodOutputFormat(schema) } });
  return m.parsed_output;
};

await run(
  {
    async chat(client) {
      const m = await create(client, { metadata: { user_id: "u" }, temperature: 0.2, service_tier: "auto" });
      return { ...answer(m), model: m.model, usage: m.usage, requestID: Boolean(m._request_id) };
    },

    async stream(client) {
      const stream = client.messages.stream(request);
      let deltas = 0;
      stream.on("text", () => deltas++);
      const m = await stream.finalMessage();
      return { ...answer(m), deltas, usage: [m.usage.input_tokens, m.usage.output_tokens] };
    },

    async tools(client) {
      const first = await create(client, { tools, tool_choice: { type: "auto", disable_parallel_tool_use: false } });
      const results = first.content
        .filter((b) => b.type === "tool_use")
        .map((b) => ({ type: "tool_result", tool_use_id: b.id, content: [{ type: "text", text: "22 °C" }] }));
      const turns = [{ role: "assistant", content: first.content }, { role: "user", content: results }];
      const second = await create(client, { tools, messages: [...messages, ...turns] });
      return [answer(first), answer(second)];
    },

    async toolsStreamed(client) {
      const seen = [];
      let pieces = 0;
      let last;
      const get_weather = betaZodTool({
        name: "get_weather",
        description: "The forecast of a city.",
        inputSchema: forecast,
        run: (args) => (seen.push(args), "22 °C"),
      });
      const runner = client.beta.messages.toolRunner({ ...request, tools: [get_weather], stream: true, max_iterations: 3 });
      for await (const stream of runner) {
        for await (const e of stream) pieces += e.delta?.type === "input_json_delta" ? 1 : 0;
        last = await stream.finalMessage();
      }
      return { seen, text: last.content[0].text, inPieces: pieces > 2 };
    },

    structured: (client) => failure(parsed(client, forecast), error),

    structuredText: (client) => parsed(client, place),

    async thinking(client) {
      const thinking = { type: "enabled", budget_tokens: 1024 };
      const first = await create(client, { thinking });
      const turns = [{ role: "assistant", content: first.content }, { role: "user", content: "And tomorrow?" }];
      const second = await create(client, { thinking, messages: [...messages, ...turns] });
      return [answer(first), answer(second)];
    },

    async thinkingStreamed(client) {
      return answer(await client.messages.stream({ ...request, thinking: { type: "adaptive" }, output_config: { effort: "low" } }).finalMessage());
    },

    async image(client) {
      const content = [
        { type: "image", source: { type: "base64", media_type: "image/png", data: pixel }, cache_control: { type: "ephemeral" } },
        { type: "text", text: "What is this?" },
      ];
      return answer(await create(client, { messages: [{ role: "user", content }] }));
    },

    async count(client) {
      const counted = async (more) => (await client.messages.countTokens({ model, system, messages, ...more })).input_tokens;
      const plain = await counted({});
      const beta = await client.beta.messages.countTokens({ model, system, messages, betas: ["token-counting-2024-11-01"] });
      return { some: plain > 0, moreWithTools: (await counted({ tools })) > plain, sameInBeta: beta.input_tokens === plain };
    },

    async beta(client) {
      const m = await client.beta.messages.create({
        ...request,
        betas: ["context-management-2025-06-27", "interleaved-thinking-2025-05-14"],
        context_management: { edits: [{ type: "clear_tool_uses_20250919", trigger: { type: "input_tokens", value: 30000 } }] },
      });
      return answer(m);
    },

    async models(client) {
      const ids = [];
      for await (const m of client.models.list({ limit: 20 })) ids.push(m.id);
      const one = await client.models.retrieve(model);
      const beta = await client.beta.models.retrieve(model);
      return { ids, one: [one.id, one.type, one.display_name, one.created_at], beta: beta.id };
    },

    bearer: async (client) => answer(await create(client.withOptions({ apiKey: null, authToken: key }))),

    wrongKey: (client) => failure(create(client.withOptions({ apiKey: "kr-test-wrong" })), error),

    orphan(client) {
      const content = [{ type: "tool_result", tool_use_id: "x", content: "22 °C" }];
      return failure(create(client, { messages: [...messages, { role: "user", content }] }), error);
    },

    unknownModel: (client) => failure(create(client, { model: "gemma-9000" }), error),

    rateLimit: (client) => failure(create(client), error),

    overloaded: (client) => failure(create(client), error),

    async retried(client) {
      return answer(await create(client.withOptions({ maxRetries: 1 })));
    },

    async streamError(client) {
      let text = "";
      const read = async () => {
        for await (const e of await create(client, { stream: true })) text += e.delta?.text ?? "";
      };
      return { ...(await failure(read(), error)), text };
    },

    async abort(client) {
      let text = "";
      for await (const e of await create(client, { stream: true })) {
        text += e.delta?.text ?? "";
        if (text.length > 5) break;
      }
      return { text, gone: await gone("abort") };
    },

    async abortBySignal(client) {
      const stream = client.messages.stream(request);
      stream.on("text", () => stream.abort());
      return { ...(await failure(stream.finalMessage(), error)), aborted: stream.aborted, gone: await gone("abortBySignal") };
    },
  },
  (defaultHeaders) => new Anthropic({ baseURL: gateway, apiKey: key, maxRetries: 0, defaultHeaders }),
);
