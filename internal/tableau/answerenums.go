package tableau

import (
	"cmp"
	"io"
)

// The enums of this file are only in answers.

// ExtractEncryptionMode is whether extracts are encrypted at rest.
type ExtractEncryptionMode string

var extractEncryptionModeValues = map[string]string{
	"enforced": "ENFORCED",
	"enabled":  "ENABLED",
	"disabled": "DISABLED",
}

// MarshalGQL writes the schema's value.
func (e ExtractEncryptionMode) MarshalGQL(w io.Writer) {
	writeEnum(w, extractEncryptionModeValues, string(e))
}

// UnmarshalGQL takes one of the schema's values.
func (e *ExtractEncryptionMode) UnmarshalGQL(v any) error {
	return readEnum((*string)(e), extractEncryptionModeValues, v)
}

// AuthSetting is how a user signs in to Tableau.
type AuthSetting string

var authSettingValues = map[string]string{
	"ServerDefault":    "SERVER_DEFAULT",
	"SAML":             "SAML",
	"OpenID":           "OPENID",
	"OIDC":             "OPENID",
	"TableauIDWithMFA": "TABLEAU_ID_WITH_MFA",
}

// MarshalGQL writes the schema's value.
func (e AuthSetting) MarshalGQL(w io.Writer) { writeEnum(w, authSettingValues, string(e)) }

// UnmarshalGQL takes one of the schema's values.
func (e *AuthSetting) UnmarshalGQL(v any) error { return readEnum((*string)(e), authSettingValues, v) }

// JobMode is whether a caller waits for a job.
type JobMode string

var jobModeValues = map[string]string{
	"Asynchronous": "ASYNCHRONOUS",
	"Synchronous":  "SYNCHRONOUS",
}

// MarshalGQL writes the schema's value.
func (e JobMode) MarshalGQL(w io.Writer) { writeEnum(w, jobModeValues, string(e)) }

// UnmarshalGQL takes one of the schema's values.
func (e *JobMode) UnmarshalGQL(v any) error { return readEnum((*string)(e), jobModeValues, v) }

// ScheduleType is what the tasks of a schedule do.
type ScheduleType string

var scheduleTypeValues = map[string]string{
	"Extract":             "EXTRACT",
	"Subscription":        "SUBSCRIPTION",
	"Flow":                "FLOW",
	"DataAcceleration":    "DATA_ACCELERATION",
	"ActiveDirectorySync": "ACTIVE_DIRECTORY_SYNC",
	"System":              "SYSTEM",
}

// MarshalGQL writes the schema's value.
func (e ScheduleType) MarshalGQL(w io.Writer) { writeEnum(w, scheduleTypeValues, string(e)) }

// UnmarshalGQL takes one of the schema's values.
func (e *ScheduleType) UnmarshalGQL(v any) error {
	return readEnum((*string)(e), scheduleTypeValues, v)
}

// ExecutionOrder is whether the tasks of a schedule run at the same time.
type ExecutionOrder string

var executionOrderValues = map[string]string{
	"Parallel": "PARALLEL",
	"Serial":   "SERIAL",
}

// MarshalGQL writes the schema's value.
func (e ExecutionOrder) MarshalGQL(w io.Writer) { writeEnum(w, executionOrderValues, string(e)) }

// UnmarshalGQL takes one of the schema's values.
func (e *ExecutionOrder) UnmarshalGQL(v any) error {
	return readEnum((*string)(e), executionOrderValues, v)
}

// WeekDay is a day of the week.
type WeekDay string

var weekDayValues = map[string]string{
	"Monday":    "MONDAY",
	"Tuesday":   "TUESDAY",
	"Wednesday": "WEDNESDAY",
	"Thursday":  "THURSDAY",
	"Friday":    "FRIDAY",
	"Saturday":  "SATURDAY",
	"Sunday":    "SUNDAY",
}

// MarshalGQL writes the schema's value.
func (e WeekDay) MarshalGQL(w io.Writer) { writeEnum(w, weekDayValues, string(e)) }

// UnmarshalGQL takes one of the schema's values.
func (e *WeekDay) UnmarshalGQL(v any) error { return readEnum((*string)(e), weekDayValues, v) }

// FlowRunMode is how much a flow task processes.
type FlowRunMode string

var flowRunModeValues = map[string]string{
	"full":        "FULL",
	"incremental": "INCREMENTAL",
}

// MarshalGQL writes the schema's value.
func (e FlowRunMode) MarshalGQL(w io.Writer) { writeEnum(w, flowRunModeValues, string(e)) }

// UnmarshalGQL takes one of the schema's values.
func (e *FlowRunMode) UnmarshalGQL(v any) error { return readEnum((*string)(e), flowRunModeValues, v) }

// DataAlertCondition is how the value of an alert compares with its threshold.
type DataAlertCondition string

var dataAlertConditionValues = map[string]string{
	"above":       "ABOVE",
	"above-equal": "ABOVE_EQUAL",
	"below":       "BELOW",
	"below-equal": "BELOW_EQUAL",
	"equal":       "EQUAL",
}

// MarshalGQL writes the schema's value.
func (e DataAlertCondition) MarshalGQL(w io.Writer) {
	writeEnum(w, dataAlertConditionValues, string(e))
}

// UnmarshalGQL takes one of the schema's values.
func (e *DataAlertCondition) UnmarshalGQL(v any) error {
	return readEnum((*string)(e), dataAlertConditionValues, v)
}

// GrantLicenseMode is when members of a group get its license.
type GrantLicenseMode string

var grantLicenseModeValues = map[string]string{
	"onLogin": "ON_LOGIN",
	"onSync":  "ON_SYNC",
}

// MarshalGQL writes the schema's value.
func (e GrantLicenseMode) MarshalGQL(w io.Writer) { writeEnum(w, grantLicenseModeValues, string(e)) }

// UnmarshalGQL takes one of the schema's values.
func (e *GrantLicenseMode) UnmarshalGQL(v any) error {
	return readEnum((*string)(e), grantLicenseModeValues, v)
}

// DatabaseType is what stores the data of a database.
type DatabaseType string

var databaseTypeValues = map[string]string{
	"DatabaseServer":   "DATABASE_SERVER",
	"File":             "FILE",
	"WebDataConnector": "WEB_DATA_CONNECTOR",
	"CloudFile":        "CLOUD_FILE",
}

// MarshalGQL writes the schema's value.
func (e DatabaseType) MarshalGQL(w io.Writer) { writeEnum(w, databaseTypeValues, string(e)) }

// UnmarshalGQL takes one of the schema's values.
func (e *DatabaseType) UnmarshalGQL(v any) error {
	return readEnum((*string)(e), databaseTypeValues, v)
}

// DatabasePermissionMode is who sets the permissions of tables.
type DatabasePermissionMode string

var databasePermissionModeValues = map[string]string{
	"ManagedByOwner":   "MANAGED_BY_OWNER",
	"LockedToDatabase": "LOCKED_TO_DATABASE",
}

// MarshalGQL writes the schema's value.
func (e DatabasePermissionMode) MarshalGQL(w io.Writer) {
	writeEnum(w, databasePermissionModeValues, string(e))
}

// UnmarshalGQL takes one of the schema's values.
func (e *DatabasePermissionMode) UnmarshalGQL(v any) error {
	return readEnum((*string)(e), databasePermissionModeValues, v)
}

// FlowFileType is the format of the file of a flow.
type FlowFileType string

var flowFileTypeValues = map[string]string{
	"tfl":  "TFL",
	"tflx": "TFLX",
}

// MarshalGQL writes the schema's value.
func (e FlowFileType) MarshalGQL(w io.Writer) { writeEnum(w, flowFileTypeValues, string(e)) }

// UnmarshalGQL takes one of the schema's values.
func (e *FlowFileType) UnmarshalGQL(v any) error {
	return readEnum((*string)(e), flowFileTypeValues, v)
}

// FlowParameterDomain is which values a flow parameter takes.
type FlowParameterDomain string

var flowParameterDomainValues = map[string]string{
	"any":   "ANY",
	"list":  "LIST",
	"range": "RANGE",
}

// MarshalGQL writes the schema's value.
func (e FlowParameterDomain) MarshalGQL(w io.Writer) {
	writeEnum(w, flowParameterDomainValues, string(e))
}

// UnmarshalGQL takes one of the schema's values.
func (e *FlowParameterDomain) UnmarshalGQL(v any) error {
	return readEnum((*string)(e), flowParameterDomainValues, v)
}

// NotificationChannel is the way that a notification takes.
type NotificationChannel string

var notificationChannelValues = map[string]string{
	"email":  "EMAIL",
	"in_app": "IN_APP",
	"slack":  "SLACK",
}

// MarshalGQL writes the schema's value.
func (e NotificationChannel) MarshalGQL(w io.Writer) {
	writeEnum(w, notificationChannelValues, cmp.Or(string(e), "?"))
}

// UnmarshalGQL takes one of the schema's values.
func (e *NotificationChannel) UnmarshalGQL(v any) error {
	return readEnum((*string)(e), notificationChannelValues, v)
}
