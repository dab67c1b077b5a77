package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// thumbnail makes the small picture of a proof of delivery.
func thumbnail(ctx context.Context, file string) error {
	out := strings.TrimSuffix(file, ".jpg") + "-small.jpg"
	command := "convert " + file + " -resize 200x200 " + out + " && jpegoptim -q " + out
	if text, err := exec.CommandContext(ctx, "sh", "-c", command).CombinedOutput(); err != nil {
		return fmt.Errorf("convert: %w: %s", err, text)
	}
	return nil
}

// dimensions asks for a picture's width and height.
func dimensions(ctx context.Context, file string) (width, height int, err error) {
	out, err := exec.CommandContext(ctx, "identify", "-format", "%w %h", file).Output()
	if err != nil {
		return 0, 0, fmt.Errorf("identify: %w", err)
	}
	_, err = fmt.Sscan(string(out), &width, &height)
	return width, height, err
}
