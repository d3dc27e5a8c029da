# needs: perl
exec perl - <<'END'
use strict; use warnings; $| = 1;
my %h = map { $_ => length } qw(one two three); print join(",", map { "$_=$h{$_}" } sort keys %h), "\n";
my $s = "The quick brown fox"; (my $t = $s) =~ s/(\w+)/\u\L$1/g; print "$t\n"; print scalar reverse("abc"), "\n";
open(my $p, "-|", "echo piped; exit 3") or die; print <$p>; close $p; print "status ", $? >> 8, "\n";
pipe(my $r, my $w); my $pid = fork(); if (!$pid) { close $r; print $w "from child $_\n" for 1 .. 3; close $w; exit 4 }
close $w; print while <$r>; waitpid($pid, 0); print "child ", $? >> 8, "\n";
$SIG{USR1} = sub { print "usr1\n" }; kill 'USR1', $$; local $SIG{ALRM} = sub { die "alarm\n" };
eval { alarm 1; select(undef, undef, undef, 5); 1 } or print "caught $@";
my $f = "/tmp/perl.$$"; open(my $o, ">", $f) or die; print $o "x" x 1000, "\n" for 1 .. 100; close $o; print -s $f, "\n"; unlink $f; print -e $f ? "there\n" : "gone\n";
print sprintf("%.10f", sqrt(2)), "\n"; my @l = sort { $a <=> $b } map { $_ * 37 % 101 } 1 .. 10; print "@l\n";
use POSIX qw(strftime :sys_wait_h); print strftime("%Y-%m-%d", gmtime(86400 * 365)), "\n"; use Socket;
socketpair(my $x, my $y, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die "socketpair: $!"; syswrite $x, "hi\n"; print scalar <$y>;
print `echo backtick`; system("sh", "-c", "exit 5"); print $? >> 8, "\n"; my $big = join "", map { chr(65 + $_ % 26) } 0 .. 99999; print length($big), " ", unpack("%32C*", $big), "\n";
opendir(my $d, "/proc/self/fd") or die; my $n = grep { /^\d+$/ } readdir $d; print $n > 3 ? "fds\n" : "no fds\n"; exit 6;
END
