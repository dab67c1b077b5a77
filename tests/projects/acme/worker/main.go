// The worker takes jobs from the API and does what needs time.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"time"
)

// Job is one piece of work.
type Job struct {
	Kind  string `json:"kind"`
	Order int64  `json:"order"`
	File  string `json:"file"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	mux := http.NewServeMux()
	mux.HandleFunc("POST /jobs", handle)
	server := &http.Server{Addr: ":8080", Handler: mux, ReadTimeout: 10 * time.Second}

	go func() {
		<-ctx.Done()
		_ = server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

func handle(w http.ResponseWriter, r *http.Request) {
	var job Job
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&job); err != nil {
		http.Error(w, "not a job", http.StatusBadRequest)
		return
	}

	var err error
	switch job.Kind {
	case "thumbnail":
		err = thumbnail(r.Context(), job.File)
	case "collect":
		err = bookCollection(r.Context(), job.Order)
	default:
		http.Error(w, "unknown kind", http.StatusBadRequest)
		return
	}
	if err != nil {
		log.Printf("job %s of order %d: %v", job.Kind, job.Order, err)
		http.Error(w, "failed", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
