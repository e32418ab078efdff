//go:build unix

package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// benchProcess is a process of the bench, seen from the one that measures.
type benchProcess struct {
	at   benchAddresses
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	said *json.Decoder
	log  *os.File
}

// startBenchProcess starts this binary with a task and waits until it is ready. It ends with its
// standard input: also when this process is killed.
func startBenchProcess(task benchTask, env ...string) (*benchProcess, error) {
	if task.Role != roleCrowd {
		task.Servers.Tokens = nil // nobody else needs them, and they are more than a command line holds
	}
	text, err := json.Marshal(task)
	if err != nil {
		return nil, err
	}
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path)
	cmd.Env = append(append(os.Environ(), benchRole+"="+string(text)), env...)
	return started(cmd, task.Role, func(p *benchProcess) error { return p.said.Decode(&p.at) })
}

// startProgram starts another build of the program, to which package report was added.
func startProgram(path string, task benchTask, env ...string) (*benchProcess, error) {
	cmd := exec.Command(path, "serve", "--config", task.Settings)
	cmd.Env = append(os.Environ(), env...)
	for name, value := range benchSecrets(task.Servers) {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return started(cmd, path, func(p *benchProcess) (err error) {
		p.at.Vitrine, err = vitrineAddress(p.out)
		p.said = json.NewDecoder(p.out)
		return err
	})
}

// startNode starts the facade that is written for Node.
func startNode(at benchAddresses) (*benchProcess, error) {
	text, err := json.Marshal(map[string]string{"Tableau": at.Tableau, "Issuer": at.Issuer})
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("node", "facade.mjs", string(text))
	cmd.Dir = "node"
	cmd.Env = append(os.Environ(), "NODE_ENV=production")
	return started(cmd, "Node facade", func(p *benchProcess) error { return p.said.Decode(&p.at) })
}

// started starts a command and waits until it is ready. What it logs goes to a file, as in
// production, and is shown when it does not start.
func started(cmd *exec.Cmd, name string, ready func(*benchProcess) error) (p *benchProcess, err error) {
	p = &benchProcess{cmd: cmd}
	if p.log, err = os.CreateTemp("", "vitrine-bench-*.log"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s did not start: %w: %s", name, err, p.logged())
			p.stop()
		}
	}()
	cmd.Stderr = p.log
	if p.in, err = cmd.StdinPipe(); err != nil {
		return p, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return p, err
	}
	p.out = bufio.NewReader(out)
	p.said = json.NewDecoder(p.out)
	if err := cmd.Start(); err != nil {
		return p, err
	}
	return p, ready(p)
}

// logged returns the end of what a process has logged.
func (p *benchProcess) logged() string {
	text, _ := os.ReadFile(p.log.Name())
	return string(text[max(0, len(text)-1000):])
}

// report asks a process what it has used so far.
func (p *benchProcess) report() (benchReport, error) {
	var r benchReport
	if _, err := io.WriteString(p.in, "\n"); err != nil {
		return r, err
	}
	err := p.said.Decode(&r)
	return r, err
}

func (p *benchProcess) stop() {
	if p.in != nil {
		_ = p.in.Close()
	}
	if p.cmd.Process != nil {
		_ = p.cmd.Wait()
	}
	_ = p.log.Close()
	_ = os.Remove(p.log.Name())
}
