// Starts Swagger UI on the document that the page names; a file of its own because the page allows no inline script.
"use strict";

const docs = document.getElementById("docs");

SwaggerUIBundle({
  domNode: docs,
  url: docs.dataset.openapiUrl,
  // Null, or the document would be sent to a validator on the internet.
  validatorUrl: null,
  // An address can point to one operation.
  deepLinking: true,
  // A key stays in memory: a counter's browser is used by many people.
  persistAuthorization: false,
  displayRequestDuration: true,
  // The operations first; the schemas are folded away below them.
  defaultModelsExpandDepth: 0,
});
