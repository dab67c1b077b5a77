import express from "express";
import { labelFor } from "./labels.js";
import { evaluate } from "./pricing.js";
import { newSession, requireSession } from "./session.js";
import { api } from "./upstream.js";

const app = express();
const port = Number(process.env.PORT ?? 3000);

app.disable("x-powered-by");
app.use(express.json({ limit: "100kb" }));
app.use(express.static("public", { maxAge: "1h" }));

app.post("/login", async (request, response) => {
  const { username, password } = request.body;
  const answer = await api("POST", "/login", { username, password });
  if (answer.status !== 200) {
    response.status(401).json({ error: "wrong user name or password" });
    return;
  }
  const session = newSession(answer.body.token);
  response.cookie("session", session, { httpOnly: true, secure: true, sameSite: "lax" });
  response.status(204).end();
});

app.get("/orders", requireSession, async (request, response) => {
  const answer = await api("GET", "/orders/", undefined, response.locals.token);
  response.status(answer.status).json(answer.body);
});

app.get("/labels/:id", requireSession, async (request, response) => {
  const size = String(request.query.size ?? "a6");
  const file = await labelFor(request.params.id, size);
  response.sendFile(file);
});

app.post("/quote", requireSession, (request, response) => {
  const { formula, weight } = request.body;
  response.json({ price: evaluate(formula, Number(weight)) });
});

app.listen(port, () => {
  console.log(`web listens on ${port}`);
});
