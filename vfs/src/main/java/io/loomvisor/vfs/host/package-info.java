/**
 * The standard streams that the sandbox was started with: file descriptions over host descriptors.
 * The sentry opens nothing here; {@link io.loomvisor.vfs.host.HostStreams} takes over descriptors
 * 0, 1 and 2 when the sandbox boots.
 *
 * <p>The host's open file descriptions are shared with whoever started the sandbox, so O_NONBLOCK
 * is never set on them: every transfer is preceded by a poll and no larger than what cannot block.
 * {@link io.loomvisor.vfs.host.HostWatcher} is the one platform thread that waits for readiness; it
 * looks at a descriptor only after somebody found it not ready. State is in atomic fields of {@link
 * io.loomvisor.vfs.host.HostFile}; there is no actor.
 */
package io.loomvisor.vfs.host;
