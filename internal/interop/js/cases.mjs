// What the scripts share: where the gateway is, and how their results are printed.
import { z } from "zod";

export const gateway = process.env.INTEROP_GATEWAY;
export const key = process.env.INTEROP_KEY;
export const model = process.env.INTEROP_MODEL;
export const pixel = process.env.INTEROP_PIXEL;

// forecast is the arguments of the tool, and the structured answer.
export const forecast = z.object({ city: z.string(), days: z.number().int() });

// place is an answer whose schema has no limits.
export const place = z.object({ city: z.string() });

// run gives each case a client of its own, whose requests name the case, and prints
// one JSON object with what all of them returned.
export async function run(cases, clientFor) {
  const results = {};
  for (const [name, test] of Object.entries(cases)) {
    try {
      results[name] = await test(clientFor({ "x-case": name }));
    } catch (error) {
      results[name] = { threw: String(error?.stack ?? error) };
    }
  }
  process.stdout.write(JSON.stringify(results));
}

// failure is what the promise fails with, described.
export async function failure(promise, describe) {
  try {
    return { answered: await promise };
  } catch (error) {
    return describe(error);
  }
}

// gone waits until the gateway has seen the case's connection end. This process and
// its other connections stay.
export async function gone(name) {
  const response = await fetch(`${gateway}/gone/${name}`);
  return response.ok;
}
