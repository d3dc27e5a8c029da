/**
 * Terminals: line discipline N_TTY, pseudo-terminals, devpts, controlling terminals (pty(7),
 * termios(3), tty_ioctl(4), drivers/tty of Linux).
 *
 * <p>Each {@link io.loomvisor.vfs.tty.Terminal} is an actor that owns everything of one pair: the
 * attributes, the {@link io.loomvisor.vfs.tty.LineDiscipline} with its input, the output on its way
 * to the master, who has it open, and the session it controls. Its messages collect the signals and
 * wake-ups they cause; these are sent when the actor is not held any more. Processes are reached
 * through {@link io.loomvisor.vfs.tty.JobControl}, which the kernel implements.
 *
 * <p>The sandbox's own terminal on the host is a pair too, whose master is held by the sentry:
 * {@link io.loomvisor.vfs.tty.PtyMaster}.
 */
package io.loomvisor.vfs.tty;
