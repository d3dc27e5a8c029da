/**
 * The host's files, as the gofer shows them. Names and attributes are cached: the tree is read-only, so nothing that was
 * seen changes by the sandbox's doing. Contents live in the page cache, one actor per file
 * ({@link io.loomvisor.vfs.gofer.CachedFile}); they are read from descriptors that the gofer donates. Requests to the gofer
 * are never made while an actor is held.
 */
package io.loomvisor.vfs.gofer;
