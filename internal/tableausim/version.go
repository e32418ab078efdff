package tableausim

import (
	"fmt"
	"strconv"
	"strings"
)

// version is a version of the REST API, as in /api/3.27. As a float it would sort wrongly: 3.9 <
// 3.10.
type version struct{ major, minor int }

func ver(major, minor int) version { return version{major, minor} }

func (x version) String() string { return strconv.Itoa(x.major) + "." + strconv.Itoa(x.minor) }

func (x version) less(y version) bool {
	return x.major < y.major || x.major == y.major && x.minor < y.minor
}

func parseVersion(s string) (version, error) {
	a, b, ok := strings.Cut(s, ".")
	major, errA := strconv.ParseUint(a, 10, 8)
	minor, errB := strconv.ParseUint(b, 10, 8)
	if !ok || errA != nil || errB != nil {
		return version{}, fmt.Errorf("%q is no API version; one looks like 3.27", s)
	}
	return version{int(major), int(minor)}, nil
}

// product names the Tableau release that speaks x and a build number that goes with it
// (REST API reference, "REST API and Resource Versions").
func (x version) product() (name, build string) {
	name, ok := products[x]
	if !ok {
		return "main", "main.26.0101.0800"
	}
	short := strings.Replace(strings.TrimSuffix(name, ".0"), ".", "", 1)
	return name, short + ".25.1010.0815"
}

var products = map[version]string{
	ver(3, 29): "2026.2.0", ver(3, 28): "2026.1.0", ver(3, 27): "2025.3.0", ver(3, 26): "2025.2.0", ver(3, 25): "2025.1.0",
	ver(3, 24): "2024.3.0", ver(3, 23): "2024.2.0", ver(3, 22): "2024.1.0", ver(3, 21): "2023.3.0", ver(3, 20): "2023.2.0",
	ver(3, 19): "2023.1.0", ver(3, 18): "2022.4.0", ver(3, 17): "2022.3.0", ver(3, 16): "2022.2.0", ver(3, 15): "2022.1.0",
	ver(3, 14): "2021.4.0", ver(3, 13): "2021.3.0", ver(3, 12): "2021.2.0", ver(3, 11): "2021.1.0", ver(3, 10): "2020.4.0",
	ver(3, 9): "2020.3.0", ver(3, 8): "2020.2.0", ver(3, 7): "2020.1.0", ver(3, 6): "2019.4.0", ver(3, 5): "2019.3.0",
	ver(3, 4): "2019.2.0", ver(3, 3): "2019.1.0", ver(3, 2): "2018.3.0", ver(3, 1): "2018.2.0", ver(3, 0): "2018.1.0",
}
