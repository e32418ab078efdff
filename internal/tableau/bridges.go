package tableau

import "context"

// BridgeClient is a machine that reaches data behind a firewall.
type BridgeClient struct {
	LUID     LUID
	Name     Text
	Status   Text
	Version  Text
	PoolLUID LUID
	Other    []*NamedValue
}

// BridgeClients are the machines that reach data behind a firewall for the site; administrators only. GET bridge-clients, from API 3.28,
// Cloud only.
func (s *Session) BridgeClients(ctx context.Context) ([]*BridgeClient, error) {
	b, err := s.bagAt(ctx, siteRead{template: "bridge-clients", path: []string{"bridge-clients"}, since: "3.28"}, "bridgeClients", "bridgeClient")
	if err != nil {
		return nil, err
	}
	return eachBag(b.list("bridgeClients", "bridgeClient"), func(b *bag) (*BridgeClient, Text) {
		return &BridgeClient{
			LUID: luidOf(b.value("id")), Name: b.value("name"), Status: b.value("status"), Version: b.value("version"),
			PoolLUID: luidOf(b.value("poolId")), Other: b.others("id", "name", "status", "version", "poolId"),
		}, Text(luidOf(b.value("id")))
	}), nil
}

// BridgePool is a pool of such machines.
type BridgePool struct {
	LUID  LUID
	Name  Text
	Other []*NamedValue
}

// BridgePools are the pools of such machines; administrators only. GET bridge-pools, from API 3.28, Cloud only. The list stands in an
// edgePool.
func (s *Session) BridgePools(ctx context.Context) ([]*BridgePool, error) {
	b, err := s.bagAt(ctx, siteRead{template: "bridge-pools", path: []string{"bridge-pools"}, since: "3.28"}, "edgePool", "poolList", "pool")
	if err != nil {
		return nil, err
	}
	pools := append(b.in("edgePool").list("poolList", "pool"), b.list("poolList", "pool")...)
	return eachBag(pools, func(b *bag) (*BridgePool, Text) {
		return &BridgePool{LUID: luidOf(b.value("id")), Name: b.value("name"), Other: b.others("id", "name")}, Text(luidOf(b.value("id")))
	}), nil
}

// CustomDomain is a host name of its own for a site.
type CustomDomain struct {
	Domain string
	Status Text
}

// domainNames are the names under which a custom domain may be given.
var domainNames = []string{"domain", "customDomain", "domainName", "hostName", "name"}

// CustomDomains are the site's own host names. GET /api/-/customdomains/site/{luid}, from API 3.26, Cloud only. The form of the answer
// is not documented: a list, a single object and a plain text are taken.
func (s *Session) CustomDomains(ctx context.Context) ([]*CustomDomain, error) {
	site, err := s.SiteLUID(ctx)
	if err != nil {
		return nil, err
	}
	r := siteRead{template: "-/customdomains/site/{luid}", path: []string{"customdomains", "site", string(site)}, since: "3.26"}
	b, err := s.bagAt(ctx, r)
	if err != nil {
		return nil, err
	}
	if !b.isEmpty() && b.text == "" && !b.has(append([]string{"customDomains", bagItems}, domainNames...)...) {
		return nil, hollow(r)
	}
	items := append(b.list("customDomains", "customDomain"), b.kids[bagItems]...)
	if len(items) == 0 {
		items = []*bag{b}
	}
	return eachBag(items, func(b *bag) (*CustomDomain, Text) {
		domain := b.value(domainNames...)
		if domain == "" {
			domain = Text(b.text)
		}
		return &CustomDomain{Domain: string(domain), Status: b.value("status", "state")}, domain
	}), nil
}
