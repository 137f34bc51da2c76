package greet

import (
	"fmt"
	"os"
)

import "strings"

// Greeter greets.
type Greeter struct {
	Name string
}

type Hello interface {
	Greet(name string) error
}

type ID int

func New(name string) *Greeter {
	return &Greeter{Name: name}
}

func (g *Greeter) Greet(name string) error {
	if name == "" {
		return nil
	} else {
		switch name {
		case "a":
		}
	}
	for i := range 3 {
		fmt.Println(i, 'x', `raw`)
	}
	go func() {
		os.Exit(1)
	}()
	return nil
}

const limit = 3

var count, other = 0, 1

type Names = []string

func pick(x any, c chan int) {
	switch x.(type) {
	case int:
	}
	select {
	case <-c:
	}
	switch x {
	case 1:
	}
}
