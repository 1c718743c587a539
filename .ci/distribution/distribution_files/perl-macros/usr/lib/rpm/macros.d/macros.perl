%__perl                 /usr/bin/perl
%perl_vendorlib         %(%{__perl} -MConfig -e 'print $Config{vendorlib}')
%perl_vendorarch        %(%{__perl} -MConfig -e 'print $Config{vendorarch}')
%perl_privlib           %(%{__perl} -MConfig -e 'print $Config{privlib}')
