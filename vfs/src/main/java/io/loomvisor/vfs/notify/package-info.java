/**
 * inotify(7): who wants to hear of what happens to files.
 *
 * <p>The operations of the VFS call {@link io.loomvisor.vfs.notify.FileNotice}, one method for each
 * kind of event. A file system that nobody watches has no {@link io.loomvisor.vfs.notify.Watches},
 * and then that is all that happens: one look at one field. Otherwise {@code Watches} says which
 * watches the file and its directory have, and their instances queue the event.
 *
 * <p>{@code Watches} is a concurrent map, for any thread. An {@link
 * io.loomvisor.vfs.notify.InotifyDescription} owns its watches and its queue: that actor may be
 * asked whatever else is held, as it asks nobody. No event is made while an actor is held.
 */
package io.loomvisor.vfs.notify;
