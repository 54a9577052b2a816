/** The sandbox's control calls. */

/** Everything that happened after `revision`. */
export function fetchState(revision) {
  return call("GET", `state?since=${revision}`);
}

/** Somebody writes. */
export function postInbound(message) {
  return call("POST", "inbound", message);
}

/** The faults that are switched on. */
export async function fetchFaults() {
  return (await call("GET", "faults")).faults;
}

/** Exactly these faults from now on. */
export async function replaceFaults(faults) {
  await call("DELETE", "faults");
  if (faults.length) await call("POST", "faults", { faults });
}

/** Back to the beginning. */
export function postReset() {
  return call("POST", "reset");
}

async function call(method, path, body) {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  const answer = await fetch(`/_sandbox/${path}`, options);
  if (answer.status === 204) return null;
  const data = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(data?.error?.message ?? `The sandbox answered ${answer.status}`);
  return data;
}
