/**
 * What is known of a container on disk, under {@code --root}: one directory for each, owned by
 * whoever holds its lock file. Files are replaced as a whole, so that a verb that dies leaves the
 * old or the new state, never a part.
 */
package io.loomvisor.runtime.oci.state;
