import { defineConfig } from "vite";

export default defineConfig({
  esbuild: { jsx: "automatic" },
  // Its own server vouches: examples/widget/site.py, so that the secret never comes near the page.
  server: { host: "127.0.0.1", port: 8311, proxy: { "/identity": "http://127.0.0.1:8310", "/sign-in": "http://127.0.0.1:8310" } },
});
