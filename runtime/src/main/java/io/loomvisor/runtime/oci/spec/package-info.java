/**
 * The configuration of a container: config.json and process.json of the OCI runtime specification,
 * as records that can only be made from what this runtime does. What it does not do is refused
 * here, by name; properties that the specification does not have are ignored, as it demands. No
 * state.
 */
package io.loomvisor.runtime.oci.spec;
