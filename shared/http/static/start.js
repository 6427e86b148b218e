"use strict";
// The description lies beside the page, also when the app is mounted under a prefix. No validator is asked.
window.addEventListener("DOMContentLoaded", () => {
  window.ui = SwaggerUIBundle({
    url: new URL("openapi.json", window.location.href).pathname,
    dom_id: "#api",
    deepLinking: true,
    validatorUrl: null,
    docExpansion: "none",
    persistAuthorization: false,
  });
});
