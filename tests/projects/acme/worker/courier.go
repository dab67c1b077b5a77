package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"math/rand"
	"net/http"
	"os"
	"time"
)

const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

var courier = &http.Client{
	Timeout: 30 * time.Second,
	Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	},
}

// collectToken is what the driver shows at the door; who knows it gets the parcel.
func collectToken() string {
	token := make([]byte, 10)
	for i := range token {
		token[i] = alphabet[rand.Intn(len(alphabet))]
	}
	return string(token)
}

func bookCollection(ctx context.Context, order int64) error {
	body, err := json.Marshal(map[string]any{"order": order, "token": collectToken()})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, os.Getenv("COURIER_URL")+"/collections", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("COURIER_API_KEY"))
	response, err := courier.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		return fmt.Errorf("courier answered %s", response.Status)
	}
	return nil
}
