package telemetry

import "net/http"

// writer notes the status and the size of an answer. What the server's own
// writer can do besides (flush, deadlines) stays within reach through
// [http.ResponseController], which uses Unwrap.
type writer struct {
	http.ResponseWriter
	status int   // 0 until a final header is written
	bytes  int64 // of the body, as the handler wrote it
}

// WriteHeader notes the first final status; informational ones (1xx) pass.
func (w *writer) WriteHeader(status int) {
	if w.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes of the body.
func (w *writer) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap returns the server's writer, for [http.ResponseController].
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush sends what is buffered. It is here, besides Unwrap, for handlers
// that ask for an [http.Flusher] by a type assertion.
func (w *writer) Flush() {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}
