// Signs an identity for Heliotrope's widget. Go 1.18 or newer, standard library. go run sign.go KEY_ID SECRET SITE CREATOR
package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Identity is a token that speaks for one creator for ten minutes, good for once.
func Identity(keyID, secret, site, creator string) (string, error) {
	once := make([]byte, 16)
	if _, err := rand.Read(once); err != nil {
		return "", err
	}
	header, err := part(map[string]any{"alg": "HS256", "typ": "JWT", "kid": keyID})
	if err != nil {
		return "", err
	}
	claims, err := part(map[string]any{
		"sub": creator, "aud": site, "exp": time.Now().Add(10 * time.Minute).Unix(), "jti": hex.EncodeToString(once),
	})
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(header + "." + claims))
	return header + "." + claims + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), nil
}

func part(value any) (string, error) {
	written, err := json.Marshal(value)
	return base64.RawURLEncoding.EncodeToString(written), err
}

func main() {
	token, err := Identity(os.Args[1], os.Args[2], os.Args[3], os.Args[4])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(token)
}
