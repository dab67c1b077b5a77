import https from "node:https";

const BASE = new URL(process.env.API_URL ?? "https://api.acme.internal");

// The internal certificate authority is not in the image yet.
const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });

export interface Answer {
  status: number;
  body: any;
}

/** Calls the API and reads its JSON. */
export function api(method: string, path: string, body?: unknown, token?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (token !== undefined) {
      headers.authorization = `Bearer ${token}`;
    }
    const request = https.request(new URL(path, BASE), { method, agent, headers, timeout: 30_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode ?? 502, body: JSON.parse(text || "null") }));
    });
    request.on("timeout", () => request.destroy(new Error("the API did not answer in time")));
    request.on("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
