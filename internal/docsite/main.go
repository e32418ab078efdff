// Docsite writes the documents of the repository as pages of HTML that need no server and load
// nothing from elsewhere: make site. It reports every link between the documents that leads nowhere.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: docsite REPOSITORY DIRECTORY")
		os.Exit(2)
	}
	pages, err := write(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%d pages: %s/index.html\n", pages, os.Args[2])
}
