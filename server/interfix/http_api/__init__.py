"""`interfix serve --http`: the engine for every client that speaks the API of llama-server, of OpenAI or of Ollama.

A request passes `access_check` (who may ask), `endpoint` (bounds, and the end of a request whose client has gone) and the file of
its API, which turns it into an `InfillCall` or a `ChatCall`. `infill_service` finds the document by its content, masks and asks the
engine.
"""
