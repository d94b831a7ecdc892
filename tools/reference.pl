#!/usr/bin/env perl
#
# What the SQL parts, src/*/*.sql in the order of the Makefile, are made into.
#
#     tools/reference.pl script FILE ...      the install script: the parts, then COMMENT ON for every object
#     tools/reference.pl page FILE ...        doc/reference.md, with empty outputs
#     tools/reference.pl check FILE ...       what the comments lack, one complaint a line
#
# A comment stands before its object, each line begun by --|.  First come the
# meaning, in Markdown, whose first sentence is what psql shows, then these
# parts, each begun by its word at the start of a line or of a sentence and
# going on to the next one:
#
#     Unit:     of the number that is given: days, visits, money, a share ...
#     NULL:     when the result is NULL; what follows from STRICT is added
#     Errors:   what is refused; "none" where nothing is
#     Example:  a statement that runs on the page's tables `customers` and `learned`
#     Source:   author, year, equation of a formula
#     Since:    the version, for what is younger than the first release
#
# Overloads of a name share an entry: what one of them has said, the others
# need not repeat.  "Internal:" begins, or "Support for" ends, the comment on
# an object that nobody calls.  Objects without a comment get one that says what they
# serve: the input of a type, a step of an aggregate, the body of an operator.
#
# What would be written again for each type is a template, which stands before its uses:
#
#     \define name(parameter; parameter = default; ...)
#     statements with <parameter> in them, and <comment> where that of the use goes
#     \end
#
#     --| The comment.
#     \name(value; ...)
use strict;
use warnings;

my $first_release = '0.1.0';
my @tags = qw(Unit NULL Errors Example Source Since);

my $chapter;	# a file without a title of its own belongs to the chapter before
my $script = '';	# the files, expanded
my @objects;	# in the order of the files
my %serves;		# name of a function => what it serves

# ---- templates ----

my %templates;

sub use_template
{
	my ($comment, $name, @values) = @_;
	my ($parameters, $text) = @{ $templates{$name} // die "no template of the name $name\n" };
	my %value;
	for my $parameter (@$parameters)
	{
		my ($called, $default) = split / = /, $parameter;
		$value{$called} = shift @values // $default // die "$name: no $called\n";
	}
	die "$name: @values is too much\n" if @values;
	return $text =~ s/^<comment>\n/$comment/gmr =~ s/<(\w+)>/$value{$1} \/\/ die "$name: no parameter $1\n"/ger;
}

# The SQL of a file with what its templates stand for; they themselves are left out, with what is said of them.
sub expanded
{
	my ($sql) = @_;
	$sql =~ s/(?:^-- .*\n)*^\\define (\w+)\((.*)\)\n((?:.*\n)*?)\\end\n\n?/$templates{$1} = [ [ split m{; }, $2 ], $3 ]; ''/gem;
	1 while $sql =~ s/((?:^--\|.*\n)*)^\\(\w+)\((.*)\)\n/use_template($1, $2, split m{; }, $3)/gem;
	return $sql;
}

# ---- reading ----

sub one_line { my ($text) = @_; $text =~ s/\s+/ /g; $text =~ s/^ | $//g; return $text; }

# What stands between balanced parentheses at the start of the text, and the rest.
sub parenthesised
{
	my ($text) = @_;
	$text =~ /\A\s*(\((?:[^()']|'(?:[^']|'')*'|(?1))*\))(.*)\z/s or die "unbalanced: $text\n";
	return (one_line(substr $1, 1, -1), $2);
}

# Cuts at the commas outside of parentheses and strings.
sub listed
{
	my ($text) = @_;
	my @parts;
	push @parts, one_line($&) while $text =~ /(?:[^,()'\[]|'(?:[^']|'')*'|\[[^\]]*\]|(\((?:[^()]|(?1))*\)))+/g;
	return @parts;
}

# One argument: mode, name, type, default.
sub argument
{
	my ($text) = @_;
	my ($declared, $default) = $text =~ /\A(.*?)(?: DEFAULT (.*))?\z/s;
	my $mode = $declared =~ s/\A(OUT|INOUT|IN|VARIADIC) // ? $1 : 'IN';
	my $name = $declared !~ /\Adouble precision\b/ && $declared =~ s/\A(\w+) (?=\w)// ? $1 : '';
	return { mode => $mode, name => $name, type => $declared, default => $default };
}

# A comment into its parts.
sub parts
{
	my ($comment) = @_;
	my %part = (meaning => '');
	my $at = 'meaning';
	my $known = join '|', @tags;
	$comment =~ s/\bErrors?: /Errors: /g;
	$comment =~ s/(^|[.] )NULL (?=(?:where|when|without|under|if|for|as) )/$1NULL: /mg;
	$comment =~ s/(?<=[.]) (?=(?:$known): )/\n/g;
	for my $line (split /\n/, $comment)
	{
		$at = $1 if $line =~ s/\A($known):(?:\s+|\z)//;
		$part{$at} .= "$line\n";
	}
	s/\A\s+|\s+\z//g for values %part;
	$part{Example} =~ s/\A`(.*)`\z/$1/s if $part{Example};
	$part{meaning} =~ s/\A(?!Internal:)(?=.*\bSupport for )/Internal: /s;
	return \%part;
}

sub serve { my ($function, $text) = @_; $serves{$function} //= "Internal: $text"; }

# What an object is, from the statement that makes it.  $text has no bodies any more.
sub object
{
	my ($text) = @_;
	return if $text !~ s/\ACREATE (FUNCTION|PROCEDURE|AGGREGATE|TYPE|OPERATOR CLASS|OPERATOR|CAST)\s+//;
	my $kind = $1;

	if ($kind =~ /FUNCTION|PROCEDURE|AGGREGATE/)
	{
		$text =~ s/\A(\w+)// or die "no name: $text\n";
		my $name = $1;
		my ($arguments, $rest) = parenthesised($text);
		my @arguments = map { argument($_) } listed($arguments);
		my ($set, $returns) = $rest =~ /\A\s*RETURNS\s+(SETOF\s+)?(\w+(?: precision)?(?:\[\])?)/;
		if ($kind eq 'AGGREGATE')
		{
			serve($1, "a step of the aggregate $name.") while $rest =~ /(?:SFUNC|FINALFUNC|COMBINEFUNC) = (\w+)/g;
			$rest =~ /FINALFUNC = (\w+)/ and $returns = (grep { $_->{name} eq $1 } @objects)[0]{returns};
		}
		my $identity = join ', ', map { join ' ', grep { $_ ne '' } $_->{name}, $_->{type} } grep { $_->{mode} ne 'OUT' } @arguments;
		return { kind => $kind, name => $name, arguments => \@arguments, set => !!$set, returns => $returns,
			strict => scalar($rest =~ /\bSTRICT\b/), identity => "$name($identity)" };
	}
	if ($kind eq 'TYPE')
	{
		my ($name, $rest) = $text =~ /\A(\w+)(.*)\z/s;
		return if $rest =~ /\A\s*\z/;
		serve($2, lc($1) . " of type $name.") while $rest =~ /(INPUT|OUTPUT|RECEIVE|SEND) = (\w+)/g;
		my ($fields) = $rest =~ /\A\s+AS\s+\((.*)\)\s*\z/s;
		return { kind => $kind, name => $name, identity => $name, fields => $fields && one_line($fields) };
	}
	if ($kind eq 'OPERATOR')
	{
		my ($name) = $text =~ /\A(\S+)/;
		my ($left, $right, $function) = map { $text =~ /\b$_ = (\w+)/ } qw(LEFTARG RIGHTARG FUNCTION);
		serve($function, "the operator $name.");
		my %says = ('=' => 'The same contents.', '<>' => 'Different contents.');
		return { kind => $kind, name => $name, left => $left, identity => "$name ($left, $right)", says => $says{$name} };
	}
	if ($kind eq 'CAST')
	{
		my ($from, $to, $function) = $text =~ /\A\((\w+) AS (\w+)\) WITH FUNCTION (\w+)/ or die "no cast: $text\n";
		serve($function, "the cast to $to.");
		return { kind => $kind, left => $from, name => $to, identity => "($from AS $to)", says => "The contents as $to." };
	}
	my ($name, $type, $method) = $text =~ /\A(\w+) DEFAULT FOR TYPE (\w+) USING (\w+)/ or die "no operator class: $text\n";
	serve($1, 'the hash operator class.') while $text =~ /FUNCTION \d (\w+)/g;
	return { kind => $kind, name => $name, left => $type, identity => "$name USING $method",
		says => 'Hashing, for GROUP BY, DISTINCT and joins.' };
}

sub read_file
{
	my ($file) = @_;
	my ($folder) = $file =~ m{(src/\w+)/[^/]*\z};
	my $comment = '';
	open my $in, '<:raw', $file or die "$file: $!\n";
	my $sql = expanded(do { local $/; <$in> });
	$script .= $sql;
	for ($sql)
	{
		until (/\G\s*\z/gc)
		{
			if (/\G--\|[ ]?(.*)\n/gc) { $comment .= "$1\n"; next; }
			if (/\G-- -{70,}\n-- (.*)\n(?:-- .*\n)*?-- -{70,}\n/gc) { $chapter = $1; next; }
			if (/\G(?:--.*)?\n/gc) { $comment = ''; next; }
			my $statement = '';
			until (/\G;/gc)
			{
				if (/\G\$(\w*)\$.*?\$\1\$/gcs || /\GBEGIN ATOMIC\b.*?^END\b/gcsm || /\G--.*/gc) { }
				elsif (/\G(?:'(?:[^']|'')*'|"[^"]*"|\w+|.)/gcs) { $statement .= $&; }
				else { die "$file: no end of a statement\n"; }
			}
			my $object = object($statement);
			push @objects, { %$object, parts => parts($comment), chapter => $chapter, folder => $folder, place => $file } if $object;
			$comment = '';
		}
	}
	return;
}

sub meaning { my ($object) = @_; return $object->{parts}{meaning} || $object->{says} || $serves{ $object->{name} } || ''; }
sub public { my ($object) = @_; return meaning($object) !~ /\AInternal:/; }
sub callable { my ($object) = @_; return $object->{kind} =~ /FUNCTION|PROCEDURE|AGGREGATE/; }

# ---- the install script ----

sub first_sentence
{
	my ($text) = @_;
	$text =~ s/\n\n.*//s;
	$text = one_line($text);
	$text =~ s/(?<=[.])\s.*//;
	$text =~ s/`//g;
	return $text;
}

sub script
{
	print "$script\n-- What each object is, as psql shows it.\n\n";
	for my $object (@objects)
	{
		my $text = first_sentence(meaning($object));
		$text =~ s/'/''/g;
		print "COMMENT ON $object->{kind} $object->{identity} IS '$text';\n" if $text ne '';
	}
	return;
}

# ---- what is missing ----

sub gives_a_number { my ($o) = @_; return !$o->{set} && ($o->{returns} // '') =~ /\A(?:smallint|integer|bigint|numeric|double precision)/; }

sub check
{
	my (%entry, %said);
	for my $object (@objects)
	{
		print "$object->{place}: $object->{identity} has no comment\n" if meaning($object) eq '';
		next if !public($object);
		print "$object->{place}: the first sentence on $object->{identity} has no full stop\n" if first_sentence(meaning($object)) !~ /[.:]\z/;
		next if !callable($object);
		print "$object->{place}: $object->{identity} has arguments without a name\n" if grep { $_->{name} eq '' } @{ $object->{arguments} };
		my $name = $object->{name};
		$entry{$name} //= $object;
		$said{$name}{$_} = 1 for keys %{ $object->{parts} };
		$said{$name}{Unit} = 1 if !gives_a_number($object);
		$said{$name}{NULL} = 1 if $object->{strict} || $object->{kind} eq 'PROCEDURE' || !grep { $_->{mode} ne 'OUT' } @{ $object->{arguments} };
	}
	for my $name (sort keys %entry)
	{
		print "$entry{$name}{place}: the comment on $name has no part \"$_:\"\n" for grep { !$said{$name}{$_} } qw(Unit NULL Errors Example);
	}
	return;
}

# ---- the page ----

sub signature
{
	my ($object) = @_;
	my @in = map { join ' ', grep { defined && $_ ne '' } $_->{name}, $_->{type}, defined $_->{default} ? "DEFAULT $_->{default}" : undef }
		grep { $_->{mode} ne 'OUT' } @{ $object->{arguments} };
	my @out = map { "$_->{name} $_->{type}" } grep { $_->{mode} eq 'OUT' } @{ $object->{arguments} };
	my $call = ($object->{kind} eq 'PROCEDURE' ? 'CALL ' : '') . "$object->{name}(" . join(', ', @in) . ')';
	return $call if $object->{kind} eq 'PROCEDURE';
	return "$call \x{2192} " . ($object->{set} ? 'setof ' : '') . (@out ? '(' . join(', ', @out) . ')' : $object->{returns});
}

# What a part says of an overload, or of all that share it.
sub said
{
	my ($object, $tag) = @_;
	return one_line($object->{parts}{$tag} // '') if $tag ne 'Since';
	return $object->{parts}{Since} // $first_release;
}

sub strict_rule { my ($object) = @_; return $object->{set} ? 'A NULL argument gives no rows.' : 'A NULL argument gives NULL.'; }

# The parts of an entry.  What one overload says or all agree on stands at the
# end; where they differ, each has it under its own signature.
sub print_callable
{
	my (@overloads) = @_;
	my @shown = grep { meaning($_) !~ /\AAlways an error/ } @overloads;
	my %refused = map { one_line(meaning($_)) => 1 } grep { meaning($_) =~ /\AAlways an error/ } @overloads;
	my %texts;
	for my $tag (@tags)
	{
		my %seen;
		$texts{$tag} = [ grep { $_ ne '' && !$seen{$_}++ } map { said($_, $tag) } @shown ];
	}
	my $strict = !grep { !$_->{strict} } @shown;
	print "### $overloads[0]{name}\n\n";
	for my $object (@shown)
	{
		print '`' . signature($object) . '`' . ($object->{kind} eq 'AGGREGATE' ? ', an aggregate' : '') . "\n\n" . meaning($object) . "\n\n";
		my $own = join '', map { "- *$_:* " . said($object, $_) . "\n" }
			grep { $_ ne 'Example' && @{ $texts{$_} } > 1 && said($object, $_) ne '' } @tags;
		print "$own\n" if $own ne '';
	}
	print join("\n", sort keys %refused) . "\n\n" if %refused;
	for my $tag (grep { $_ ne 'Example' } @tags)
	{
		my $text = @{ $texts{$tag} } == 1 ? $texts{$tag}[0] : '';
		$text = join ' ', grep { $_ ne '' } $text, strict_rule($shown[0]) if $tag eq 'NULL' && $strict;
		print "- *$tag:* $text\n" if $text ne '';
	}
	print "\n";
	for my $example (map { $_->{parts}{Example} // () } @shown)
	{
		print "```sql\n$example" . ($example =~ /;\z/ ? '' : ';') . "\n```\n\n```text\n```\n\n";
	}
	return;
}

sub print_type
{
	my ($type) = @_;
	my @of = grep { public($_) && ($_->{left} // '') eq $type->{name} } @objects;
	my @operators = map { "`$_->{name}`" } grep { $_->{kind} eq 'OPERATOR' } @of;
	my @casts = map { $_->{name} } grep { $_->{kind} eq 'CAST' } @of;
	print "### type $type->{name}\n\n" . meaning($type) . "\n\n";
	print "- *Fields:* $type->{fields}\n" if $type->{fields};
	print "- *$_:* " . said($type, $_) . "\n" for grep { said($type, $_) ne '' } qw(NULL Errors);
	print '- *Operators:* ' . join(', ', @operators) . "; it can be hashed, grouped and joined by\n" if @operators;
	print '- *Casts to:* ' . join(', ', @casts) . "\n" if @casts;
	print "- *Since:* " . ($type->{parts}{Since} // $first_release) . "\n\n";
	print "```sql\n$type->{parts}{Example};\n```\n\n```text\n```\n\n" if $type->{parts}{Example};
	return;
}

sub page
{
	binmode STDOUT, ':utf8';
	print while <DATA>;
	my @public = grep { public($_) } @objects;
	my (%chapters, @chapters);
	$chapters{ $_->{chapter} }++ or push @chapters, $_->{chapter} for grep { callable($_) || $_->{kind} eq 'TYPE' } @public;

	for my $chapter (@chapters)
	{
		print "\n| " . ucfirst($chapter) . " | gives |\n|---|---|\n";
		my %seen;
		for my $object (grep { $_->{chapter} eq $chapter && callable($_) && !$seen{ $_->{name} }++ } @public)
		{
			print "| [`$object->{name}`](#$object->{name}) | " . first_sentence(meaning($object)) =~ s/\|/\\|/gr . " |\n";
		}
	}
	my %seen;
	for my $chapter (@chapters)
	{
		my @here = grep { $_->{chapter} eq $chapter } @public;
		print "\n## " . ucfirst($chapter) . "\n\nIn the sources: `$here[0]{folder}/`.\n\n";
		for my $object (@here)
		{
			print_type($object) if $object->{kind} eq 'TYPE';
			print_callable(grep { callable($_) && $_->{name} eq $object->{name} } @public) if callable($object) && !$seen{ $object->{name} }++;
		}
	}
	return;
}

my %modes = (script => \&script, page => \&page, check => \&check);
my $mode = $modes{ shift @ARGV // '' } or die "usage: $0 script|page|check FILE ...\n";
read_file($_) for @ARGV;
$mode->();

__DATA__
# Reference

<!-- Made by tools/reference.pl from the comments of src/*/*.sql; do not edit by hand. -->

Every function, aggregate and type: what it gives, in which unit, when that is NULL, what is refused, an example, where the
formula comes from, and the version that it is there since. A formula without a source is the definition itself.

- History first, then what was learned, then the day: `f(history, reference, as_of)`. `as_of` is today unless it is named;
  an aggregate wants it named. What comes after it is left out of account.
- Days are calendar days, and durations are counted in them. Money is in the unit of the amounts.
- Arguments can be named: `visit_probability(h, model, days => 90)`.
- Objects whose comment begins with *Internal* serve others, are not listed here, and are not to be called.

`\df+ crm.*` and `\dx+ crm_retention` in psql show every function, those that serve others, too. This lists the ones to call, each with the
first sentence of what stands here:

```sql
SELECT oid::regprocedure AS function, obj_description(oid, 'pg_proc') AS what FROM pg_proc
WHERE pronamespace = 'crm'::regnamespace AND obj_description(oid, 'pg_proc') !~ '^Internal' AND proname LIKE '%tier%' ORDER BY proname;
```

```text
```

Without its last condition it lists them all. The examples run on simulated orders:

```sql
CREATE TABLE orders AS
SELECT * FROM simulate_transactions(1000, '2023-01-01', '2024-12-31', 42);

CREATE TABLE customers AS
SELECT customer_id, min(channel) AS channel, visit_history(ordered_at, amount) AS h FROM orders GROUP BY customer_id;

CREATE TABLE learned AS
SELECT latency_norms(h, '2024-12-31') AS norms, rfm_scheme(h, '2024-12-31') AS scheme,
       value_tiers(h, '2024-12-31', '{0.01, 0.05, 0.20}') AS tiers, member_scheme(h, '2024-12-31') AS members,
       fit_btyd(h, '2024-12-31') AS model, fit_spend(h, '2024-12-31') AS spend
FROM customers;

SET client_min_messages = warning;
CALL create_customer_metrics('guests', 'orders', 'customer_id', 'ordered_at', 'amount', 'channel', 'Europe/Berlin');
RESET client_min_messages;
```
