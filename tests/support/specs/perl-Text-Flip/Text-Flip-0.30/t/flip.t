use strict;
use warnings;
use Test::More tests => 2;

use_ok('Text::Flip');
is(Text::Flip::flip('one two'), 'two one');
