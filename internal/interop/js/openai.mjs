import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { failure, forecast, gateway, gone, key, model, pixel, place, run } from "./cases.mjs";

const messages = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Weather?" },
];

const parameters = { type: "object", properties: { city: { type: "string" }, days: { type: "integer" } } };
const tools = ["get_weather", "get_time"].map((name) => ({ type: "function", function: { name, parameters } }));

const answer = (c) => ({
  thinking: c.choices[0].message.reasoning_content,
  text: c.choices[0].message.content,
  calls: c.choices[0].message.tool_calls?.map((t) => [t.id, t.function.name, t.function.arguments]),
  finish: c.choices[0].finish_reason,
});

const error = (e) => ({
  class: e.constructor.name,
  status: e.status,
  type: e.type,
  code: e.code,
  param: e.param,
  retryAfter: e.headers?.get("retry-after"),
  requestID: Boolean(e.requestID),
});

const create = (client, more) => client.chat.completions.create({ model, messages, ...more });

const parsed = async (client, schema) => {
  const c = await client.chat.completions.parse({ model, messages, response_format: zodResponseFormat(schema, "answer") });
  return c.choices[0].message.parsed;
};

await run(
  {
    async chat(client) {
      const c = await create(client, { max_completion_tokens: 100, temperature: 0.2, user: "u" });
      return { ...answer(c), model: c.model, usage: c.usage, requestID: Boolean(c._request_id) };
    },

    async stream(client) {
      const stream = client.chat.completions.stream({ model, messages, stream_options: { include_usage: true } });
      let deltas = 0;
      stream.on("content", () => deltas++);
      const c = await stream.finalChatCompletion();
      return { ...answer(c), deltas, total: c.usage.total_tokens };
    },

    async tools(client) {
      const first = await create(client, { tools, parallel_tool_calls: true });
      const results = first.choices[0].message.tool_calls.map((t) => ({ role: "tool", tool_call_id: t.id, content: "22 °C" }));
      const second = await create(client, { tools, messages: [...messages, first.choices[0].message, ...results] });
      return [answer(first), answer(second)];
    },

    async toolsStreamed(client) {
      const seen = [];
      const runner = client.chat.completions.runTools({
        model,
        messages,
        stream: true,
        tools: [
          {
            type: "function",
            function: {
              name: "get_weather",
              parameters,
              parse: JSON.parse,
              function: (args) => (seen.push(args), "22 °C"),
            },
          },
        ],
      });
      let pieces = 0;
      runner.on("chunk", (c) => (pieces += c.choices[0]?.delta?.tool_calls?.[0]?.function?.arguments ? 1 : 0));
      const text = await runner.finalContent();
      return { seen, text, inPieces: pieces > 2 };
    },

    structured: (client) => failure(parsed(client, forecast), error),

    structuredText: (client) => parsed(client, place),

    async thinking(client) {
      return answer(await create(client, { reasoning_effort: "low" }));
    },

    async thinkingStreamed(client) {
      let thinking = "";
      let text = "";
      for await (const c of await create(client, { reasoning_effort: "low", stream: true })) {
        thinking += c.choices[0].delta.reasoning_content ?? "";
        text += c.choices[0].delta.content ?? "";
      }
      return { thinking, text };
    },

    async image(client) {
      const content = [
        { type: "text", text: "What is this?" },
        { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}`, detail: "low" } },
      ];
      return answer(await create(client, { messages: [{ role: "user", content }] }));
    },

    async models(client) {
      const ids = [];
      for await (const m of client.models.list()) ids.push(m.id);
      const one = await client.models.retrieve(model);
      return { ids, one: [one.id, one.object, typeof one.created] };
    },

    wrongKey: (client) => failure(create(client.withOptions({ apiKey: "kr-test-wrong" })), error),

    orphan: (client) => failure(create(client, { messages: [...messages, { role: "tool", tool_call_id: "x", content: "22 °C" }] }), error),

    unknownModel: (client) => failure(create(client, { model: "gemma-9000" }), error),

    rateLimit: (client) => failure(create(client), error),

    overloaded: (client) => failure(create(client), error),

    async retried(client) {
      return answer(await create(client.withOptions({ maxRetries: 1 })));
    },

    async streamError(client) {
      let text = "";
      const read = async () => {
        for await (const c of await create(client, { stream: true })) text += c.choices[0].delta.content ?? "";
      };
      return { ...(await failure(read(), error)), text };
    },

    async abort(client) {
      let text = "";
      const stream = await create(client, { stream: true });
      for await (const c of stream) {
        text += c.choices[0].delta.content ?? "";
        if (text.length > 5) break;
      }
      return { text, gone: await gone("abort") };
    },

    async abortBySignal(client) {
      const abort = new AbortController();
      const read = async () => {
        const body = { model, messages, stream: true };
        for await (const _ of await client.chat.completions.create(body, { signal: abort.signal })) abort.abort();
        return "ended";
      };
      return { ...(await failure(read(), error)), aborted: abort.signal.aborted, gone: await gone("abortBySignal") };
    },
  },
  (defaultHeaders) => new OpenAI({ baseURL: `${gateway}/v1`, apiKey: key, maxRetries: 0, defaultHeaders }),
);
