package standin

import (
	"fmt"
	"net"
)

// Loopback refuses addresses that others could reach: the stand-ins give tokens to anyone who asks.
func Loopback(name, hostPort string) error {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		return fmt.Errorf("--%s %q is no host:port such as 127.0.0.1:8082", name, hostPort)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("--%s %q is not a loopback address: stand-ins are for this machine alone", name, hostPort)
	}
	return nil
}
