/**
 * File systems without storage: directories known at mount time or computed on lookup, files whose
 * contents are generated when they are read, links whose target depends on who asks. {@code proc},
 * {@code sys} and devpts are built of these.
 *
 * <p>Nothing here has state that changes after mount except file positions and snapshots of open
 * descriptions, which are single atomic or volatile fields; so no inode is an actor. Contents are
 * generated with no actor held.
 */
package io.loomvisor.vfs.synthetic;
