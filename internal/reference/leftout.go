package reference

// LeftOut lists the methods of Tableau's REST API that only read and that no field uses, with the
// reason.
var LeftOut = map[string]string{
	"GET -/content/usage-stats/{type}/{luid}":                                                "the POST of the same path returns it for many objects at once",
	"GET connected-apps/direct-trust/{id}":                                                   "the list returns the same",
	"GET connected-apps/external-authorization-servers/{id}":                                 "the list returns the same",
	"GET dataQualityWarnings/{id}, dataQualityTriggers/{id}, dataQualityCertifications/{id}": "the lists of an object return the same",
	"GET webhooks/{id}/test":                                                                 "it sends a message to the receiver",
	"GET connected-apps/direct-trust/{id}/secrets/{id}":                                      "it returns a secret",
	"GET settings/mobilesecuritysettings":                                                    "device settings, which a front end does not need",
	"GET /settings/mobilesecuritysettings":                                                   "device settings, which a front end does not need",
	"GET -/authn-service/{auth-configurations, identity-pools, identity-stores}":             "identity store settings, which a front end does not need",
	"GET tasks/dataAcceleration":                                                             "retired by Tableau",
	"GET metrics, metrics/{id}, metrics/{id}/data":                                           "retired by Tableau with API 3.22",
	"GET -/askdata/lenses":                                                                   "retired by Tableau with API 3.22",
	"GET -/pulse/subscriptions:batchGet":                                                     "the list of subscriptions returns the same",
	"GET -/pulse/metrics:followedMetricsGroups":                                              "the list of subscriptions returns the same metrics",
	"GET -/pulse/alerts":                                                                     "Tableau does not document its answer",
	"GET -/pulse/user/preferences":                                                           "settings of mail and Slack, which a front end does not need",
	"GET -/pulse/entitlements":                                                               "licenses, which a front end does not need",
	"POST -/pulse/definitions:batchGet":                                                      "the GET of the same path returns the same",
	"POST -/pulse/metrics:batchGet":                                                          "the GET of the same path returns the same",
	"POST -/pulse/measurementPeriods":                                                        "for administrators who set up fiscal calendars",
	"POST -/pulse/metrics:getOrCreate":                                                       "it creates a metric if it does not exist",
	"POST -/pulse/insights/detail":                                                           "Tableau bills it under usage-based licenses",
	"POST -/pulse/insights/{basic, breakdown, exploration}":                                  "variants of the springboard",
	"POST -/pulse/insights/brief":                                                            "it costs AI credits, and its text differs each time",
	"POST -/pulse/images/metricCard":                                                         "the parts of the picture are fields",
	"v1/vizql-data-service/…":                                                                "planned",
	"metadata/graphql":                                                                       "planned",
}

// Beside lists methods that the client calls for its own use, not for a field, with the purpose.
var Beside = map[string]string{
	"GET -/pulse/subscriptions/{}": "reads a subscription to a metric by its global id",
}
