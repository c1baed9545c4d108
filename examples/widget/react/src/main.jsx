import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { Guide } from "./Guide.jsx";

function App() {
  const [user, setUser] = useState(null);
  const [answers, setAnswers] = useState(0);

  async function signIn(creator) {
    await fetch("/sign-in", { method: "POST", body: new URLSearchParams({ creator }), redirect: "manual" });
    setUser(creator);
  }

  return (
    <main>
      <h1>React 示例</h1>
      <p>{user ? `已登录：${user}` : "未登录"} · 回答了 {answers} 次</p>
      <button onClick={() => signIn("demo-01")}>以 demo-01 登录</button>
      <button onClick={() => setUser(null)}>退出登录</button>
      <Guide host="http://127.0.0.1:8300" site="example" user={user} onAnswered={() => setAnswers((count) => count + 1)} />
    </main>
  );
}

createRoot(document.getElementById("root")).render(<StrictMode><App /></StrictMode>);
