package tableausim

import "vitrine/internal/tableausim/wire"

// mobileSettings are what devices must be like for Tableau Mobile.
var mobileSettings = []struct {
	name, severity string
	enabled        bool
}{
	{"mobile.security.jailbroken_device", "warn", true},
	{"mobile.security.malware_detection", "warn", true},
	{"mobile.security.max_offline_days", "critical", false},
	{"mobile.security.prevent_debugging", "critical", true},
	{"mobile.security.screen_share_and_screenshot", "", false},
}

// listMobileSecurity is GET settings/mobilesecuritysettings of a site.
func listMobileSecurity(*call) (*answer, error) {
	list := wire.New("mobileSecuritySettingsList")
	for _, x := range mobileSettings {
		e := wire.New("mobileSecuritySettings", wire.Str("name", x.name))
		e.Flag("enabled", x.enabled)
		for _, device := range []string{"iosConfig", "androidConfig"} {
			config := wire.New(device)
			config.Opt("severity", x.severity)
			e.Add(config)
		}
		list.Add(wire.Item(e))
	}
	return found(list)
}

// listServerMobileSecurity is GET /settings/mobilesecuritysettings: what sites have unless they say
// otherwise.
func listServerMobileSecurity(c *call) (*answer, error) {
	if err := errServerAdmin(c); err != nil {
		return nil, err
	}
	return listMobileSecurity(c)
}

// The settings of identity pools: for server administrators. The documentation shows these names in
// their answers.

func listAuthnConfigurations(c *call) (*answer, error) {
	if err := errServerAdmin(c); err != nil {
		return nil, err
	}
	return jsonAnswer(map[string]any{"instances": []any{map[string]any{
		"id": 1, "auth_type": "OIDC", "iframed_idp_enabled": false, "client_id": "tableau-server",
		"config_url": "https://login.example.com/.well-known/openid-configuration", "known_provider_alias": "", "user_name_claim": "email",
	}}})
}

func listIdentityPools(c *call) (*answer, error) {
	if err := errServerAdmin(c); err != nil {
		return nil, err
	}
	return jsonAnswer(map[string]any{"pools": []any{map[string]any{
		"uuid": luid("identity pool", "General contractors"), "name": "General contractors", "identity_store_instance": 2,
		"auth_type_instance": 1, "is_enabled": true, "description": "People of other companies.",
	}}})
}

func listIdentityStores(c *call) (*answer, error) {
	if err := errServerAdmin(c); err != nil {
		return nil, err
	}
	return jsonAnswer(map[string]any{"instances": []any{
		map[string]any{"id": 1, "type": 0, "name": localDomain, "display_name": "Local"},
		map[string]any{"id": 2, "type": 0, "name": "contractors", "display_name": "Contractors"},
	}})
}
