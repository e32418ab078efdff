package reference

// LeftOut are the methods of Tableau's REST API that only read and that no field is behind, with the reason.
var LeftOut = map[string]string{
	"GET -/content/usage-stats/{type}/{luid}":                                                "the POST of the same path tells it of many at once",
	"GET connected-apps/direct-trust/{id}":                                                   "the list tells the same",
	"GET connected-apps/external-authorization-servers/{id}":                                 "the list tells the same",
	"GET dataQualityWarnings/{id}, dataQualityTriggers/{id}, dataQualityCertifications/{id}": "the lists of a thing tell the same",
	"GET webhooks/{id}/test":                                                                 "it sends a real call",
	"GET connected-apps/direct-trust/{id}/secrets/{id}":                                      "it hands out a secret",
	"GET settings/mobilesecuritysettings":                                                    "settings of devices, of no use to a front end",
	"GET /settings/mobilesecuritysettings":                                                   "settings of devices, of no use to a front end",
	"GET -/authn-service/{auth-configurations, identity-pools, identity-stores}":             "settings of identity stores, of no use to a front end",
	"GET tasks/dataAcceleration":                                                             "retired by Tableau",
	"GET metrics, metrics/{id}, metrics/{id}/data":                                           "retired by Tableau with API 3.22",
	"GET -/askdata/lenses":                                                                   "retired by Tableau with API 3.22",
	"-/pulse/…":                                                                              "Pulse comes later",
	"v1/vizql-data-service/…":                                                                "VizQL Data Service comes later",
	"metadata/graphql":                                                                       "the Metadata API comes later",
}

// Beside are methods that the client reads and that are behind no field by themselves, with what they are for.
var Beside = map[string]string{}
