#!/usr/bin/env perl
#
# Mutates binary values of the extension's types, for test/fuzz/run.
#
#   mutate.pl FOLDER COUNT
#
# FOLDER/TYPE.values are files of COPY (FORMAT binary) with one column, written
# by the server.  For each, COUNT files of one damaged value are written to
# FOLDER/damaged/TYPE.NUMBER, to be read by COPY one by one, as the first error
# ends a COPY.  The same seed gives the same files.
#
# References begin with a fingerprint of what follows, without which hardly any
# mutation would get past the door: where a value has one, most of its mutants
# get the right one for what they have become.
use strict;
use warnings;

my ($folder, $count) = @ARGV;
my $signature = "PGCOPY\n\377\r\n\0";

# ---- PostgreSQL's hash_any_extended(bytes, 0): Bob Jenkins' lookup3 (2006) ----

sub rot { my ($x, $k) = @_; return (($x << $k) | ($x >> (32 - $k))) & 0xffffffff; }

sub less { return ($_[0] - $_[1]) & 0xffffffff; }

sub mix
{
	my ($a, $b, $c) = @_;
	$a = less($a, $c); $a ^= rot($c, 4); $c = ($c + $b) & 0xffffffff;
	$b = less($b, $a); $b ^= rot($a, 6); $a = ($a + $c) & 0xffffffff;
	$c = less($c, $b); $c ^= rot($b, 8); $b = ($b + $a) & 0xffffffff;
	$a = less($a, $c); $a ^= rot($c, 16); $c = ($c + $b) & 0xffffffff;
	$b = less($b, $a); $b ^= rot($a, 19); $a = ($a + $c) & 0xffffffff;
	$c = less($c, $b); $c ^= rot($b, 4); $b = ($b + $a) & 0xffffffff;
	return ($a, $b, $c);
}

sub final
{
	my ($a, $b, $c) = @_;
	$c ^= $b; $c = less($c, rot($b, 14));
	$a ^= $c; $a = less($a, rot($c, 11));
	$b ^= $a; $b = less($b, rot($a, 25));
	$c ^= $b; $c = less($c, rot($b, 16));
	$a ^= $c; $a = less($a, rot($c, 4));
	$b ^= $a; $b = less($b, rot($a, 14));
	$c ^= $b; $c = less($c, rot($b, 24));
	return ($b, $c);
}

# As eight bytes, most significant first.  The last three words are read the
# server's way: the lowest byte of the third is left for the length.
sub fingerprint
{
	my ($bytes) = @_;
	my $length = length $bytes;
	my ($a, $b, $c) = ((0x9e3779b9 + $length + 3923095) & 0xffffffff) x 3;
	my $at = 0;

	for (; $length - $at >= 12; $at += 12)
	{
		my ($x, $y, $z) = unpack 'V3', substr $bytes, $at, 12;
		($a, $b, $c) = mix(($a + $x) & 0xffffffff, ($b + $y) & 0xffffffff, ($c + $z) & 0xffffffff);
	}
	my $rest = substr $bytes, $at;
	my ($x, $y) = unpack 'V2', substr($rest, 0, 8) . "\0" x 8;
	my $z = length $rest > 8 ? unpack 'V', "\0" . substr($rest, 8) . "\0" x 3 : 0;
	($b, $c) = final(($a + $x) & 0xffffffff, ($b + $y) & 0xffffffff, ($c + $z) & 0xffffffff);
	return pack 'N2', $b, $c;
}

# ---- files of COPY ----

sub slurp
{
	my ($file) = @_;
	open my $in, '<:raw', $file or die "$file: $!\n";
	local $/;
	return <$in>;
}

# The values of a file that are not NULL.
sub values_of
{
	my ($file) = @_;
	my $copy = slurp($file);
	my @values;
	my $at = length($signature) + 8;
	while (unpack('n', substr $copy, $at, 2) == 1)
	{
		my $size = unpack 'N', substr $copy, $at + 2, 4;
		$at += 6;
		next if $size == 0xffffffff;
		push @values, substr $copy, $at, $size;
		$at += $size;
	}
	return @values;
}

sub write_value
{
	my ($file, $value) = @_;
	open my $out, '>:raw', $file or die "$file: $!\n";
	print {$out} $signature, pack('N2 n N', 0, 0, 1, length $value), $value, pack('n', 0xffff);
	close $out or die "$file: $!\n";
}

# ---- mutation ----

# Bytes that sit at an edge: of a varint, of a sign, of a length.
my @edges = ("\0", "\1", "\x7f", "\x80", "\xff", "\x80\x80\x80\x80\x80\x80\x80\x80\x01", "\xff" x 9 . "\x7f", "\xff" x 8 . "\x7f",
	"\x7f\xf0\0\0\0\0\0\0", "\xff\xf0\0\0\0\0\0\0", "\x7f\xf8\0\0\0\0\0\1", "\x7f\xff\xff\xff", "\x80\0\0\0", "\xff" x 8,
	"\x7f\xef" . "\xff" x 6, "\0\0\0\0\0\0\0\1", "-", "9" x 19);

sub mutate
{
	my ($value, @others) = @_;
	my $at = int rand(1 + length $value);
	my $kind = int rand 9;
	if ($kind == 0)    { substr($value, $at, 1) = chr int rand 256 if $at < length $value; }
	elsif ($kind == 1) { substr($value, $at, 1) ^= chr(1 << int rand 8) if $at < length $value; }
	elsif ($kind == 2) { substr($value, $at, 0) = chr int rand 256; }
	elsif ($kind == 3) { substr($value, $at, 1 + int rand 4) = '' if $at < length $value; }
	elsif ($kind == 4) { $value = substr $value, 0, $at; }
	elsif ($kind == 5) { substr($value, $at, 0) = $edges[rand @edges]; }
	elsif ($kind == 6)
	{
		my $edge = $edges[rand @edges];
		substr($value, $at, length $edge) = $edge if $at < length $value;
	}
	elsif ($kind == 7) { $value = substr($value, 0, $at) . substr $value, int rand(1 + length $value); }
	else
	{
		my $other = $others[rand @others];
		$value = substr($value, 0, $at) . substr $other, int rand(1 + length $other);
	}
	return $value;
}

sub damage
{
	my ($sealed, @values) = @_;
	my $value = $values[rand @values];
	return mutate($value, @values) if !$sealed || rand() < 0.1;
	my ($contents, @others) = map { substr $_, 8 } $value, @values;
	$contents = mutate($contents, @others) for 0 .. int rand 3;
	return fingerprint($contents) . $contents;
}

srand 20240630;
mkdir "$folder/damaged" or die "$folder/damaged: $!\n";
for my $file (sort glob "$folder/*.values")
{
	my ($type) = $file =~ m{([^/]+)\.values$};
	my @values = values_of($file);
	next if !@values;
	my $sealed = !grep { length $_ < 8 || substr($_, 0, 8) ne fingerprint(substr $_, 8) } @values;
	write_value("$folder/damaged/$type.$_", damage($sealed, @values)) for 1 .. $count;
	printf "# %s: %d values%s\n", $type, scalar @values, $sealed ? ', sealed' : '';
}
