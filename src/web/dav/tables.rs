//! What is the same for every resource of a kind: names of properties, privileges, reports.

use crate::dav::xml::Space;

/// The properties that a PROPFIND for all tells (RFC 4918 §15).
pub const COMMON: [&str; 7] =
    ["creationdate", "displayname", "getcontentlength", "getcontenttype", "getetag", "getlastmodified", "resourcetype"];

/// Further properties that can be asked for, by namespace.
pub const FURTHER: [(Space, &[&str]); 5] = [
    (
        Space::Dav,
        &[
            "acl",
            "current-user-principal",
            "current-user-privilege-set",
            "owner",
            "principal-collection-set",
            "principal-URL",
            "supported-privilege-set",
            "supported-report-set",
            "sync-token",
            "supportedlock",
            "lockdiscovery",
            "group-membership",
            "group-member-set",
            "alternate-URI-set",
        ],
    ),
    (
        Space::CalDav,
        &[
            "calendar-home-set",
            "calendar-user-address-set",
            "calendar-user-type",
            "calendar-timezone-id",
            "supported-calendar-component-set",
            "supported-calendar-data",
            "supported-collation-set",
            "max-resource-size",
            "schedule-calendar-transp",
        ],
    ),
    (
        Space::CardDav,
        &["addressbook-home-set", "supported-address-data", "supported-collation-set", "max-resource-size"],
    ),
    (Space::CalendarServer, &["getctag", "email-address-set", "calendar-proxy-read-for", "calendar-proxy-write-for"]),
    (Space::Push, &["transports", "topic", "supported-triggers"]),
];

pub const READS: &str = "<D:privilege><D:read/></D:privilege><D:privilege><C:read-free-busy/></D:privilege>\
     <D:privilege><D:read-acl/></D:privilege><D:privilege><D:read-current-user-privilege-set/></D:privilege>";

pub const WRITES: &str = "<D:privilege><D:read/></D:privilege><D:privilege><C:read-free-busy/></D:privilege>\
     <D:privilege><D:read-acl/></D:privilege><D:privilege><D:read-current-user-privilege-set/></D:privilege>\
     <D:privilege><D:write/></D:privilege><D:privilege><D:write-properties/></D:privilege>\
     <D:privilege><D:write-content/></D:privilege><D:privilege><D:bind/></D:privilege>\
     <D:privilege><D:unbind/></D:privilege>";

pub const PRIVILEGES: &str = "<D:supported-privilege><D:privilege><D:all/></D:privilege>\
     <D:description>Everything</D:description>\
     <D:supported-privilege><D:privilege><D:read/></D:privilege><D:description>Read</D:description>\
     <D:supported-privilege><D:privilege><C:read-free-busy/></D:privilege><D:description>Read free and busy times</D:description></D:supported-privilege>\
     </D:supported-privilege>\
     <D:supported-privilege><D:privilege><D:read-acl/></D:privilege><D:description>Read who may do what</D:description></D:supported-privilege>\
     <D:supported-privilege><D:privilege><D:read-current-user-privilege-set/></D:privilege><D:description>Read what oneself may do</D:description></D:supported-privilege>\
     <D:supported-privilege><D:privilege><D:write/></D:privilege><D:description>Write</D:description>\
     <D:supported-privilege><D:privilege><D:write-properties/></D:privilege><D:description>Change properties</D:description></D:supported-privilege>\
     <D:supported-privilege><D:privilege><D:write-content/></D:privilege><D:description>Change objects</D:description></D:supported-privilege>\
     <D:supported-privilege><D:privilege><D:bind/></D:privilege><D:description>Add objects</D:description></D:supported-privilege>\
     <D:supported-privilege><D:privilege><D:unbind/></D:privilege><D:description>Delete objects</D:description></D:supported-privilege>\
     </D:supported-privilege></D:supported-privilege>";

pub const PRINCIPAL_REPORTS: [&str; 5] = [
    "D:expand-property",
    "D:principal-property-search",
    "D:principal-search-property-set",
    "D:principal-match",
    "D:acl-principal-prop-set",
];

pub const PLAIN_REPORTS: [&str; 6] = [
    "D:sync-collection",
    "D:expand-property",
    "D:principal-property-search",
    "D:principal-search-property-set",
    "D:principal-match",
    "D:acl-principal-prop-set",
];

pub const CALENDAR_REPORTS: [&str; 9] = [
    "D:sync-collection",
    "C:calendar-query",
    "C:calendar-multiget",
    "C:free-busy-query",
    "D:expand-property",
    "D:principal-property-search",
    "D:principal-search-property-set",
    "D:principal-match",
    "D:acl-principal-prop-set",
];

pub const BOOK_REPORTS: [&str; 8] = [
    "D:sync-collection",
    "R:addressbook-query",
    "R:addressbook-multiget",
    "D:expand-property",
    "D:principal-property-search",
    "D:principal-search-property-set",
    "D:principal-match",
    "D:acl-principal-prop-set",
];
