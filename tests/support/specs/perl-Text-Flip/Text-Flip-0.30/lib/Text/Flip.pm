package Text::Flip;
use strict;
use warnings;
use List::Util ();
our $VERSION = '0.30';

sub flip { return join ' ', reverse split ' ', shift }

1;
__END__

=head1 NAME

Text::Flip - reverse the words of a line

=cut
