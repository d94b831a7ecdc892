#!/usr/bin/env perl
#
# Draws the charts of the documentation from what the extension answers about
# simulated orders.
#
#     tools/cluster.sh run tools/charts.pl [DIRECTORY]     default: doc/charts
#
# Each chart is a query and a few lines that draw its rows as SVG: black, grey
# and white only, lines told apart by their dashes and labelled where they end.
use strict;
use warnings;
use File::Basename qw(dirname);

my $directory = shift @ARGV // dirname($0) . '/../doc/charts';
my ($width, $height) = (640, 300);
my ($left, $right, $top, $bottom) = (56, 150, 40, 44);
my @dashes = ('none', '7 3', '2 3', '10 3 2 3');

sub sql
{
	my ($query) = @_;
	open my $psql, '-|', 'psql', '-XAtqd', 'charts', '-F', "\t", '-v', 'ON_ERROR_STOP=1', '-c', "SET search_path = public, crm; $query"
		or die "psql: $!\n";
	my @rows = map { chomp; [ split /\t/, $_, -1 ] } <$psql>;
	close $psql or die "this query failed: $query\n";
	return @rows;
}

# ---- drawing ----

my @marks;
sub fixed { my ($number) = @_; my $text = sprintf '%.1f', $number; $text =~ s/\.0\z//; return $text; }
sub escaped { my ($text) = @_; $text =~ s/&/&amp;/g; $text =~ s/</&lt;/g; return $text; }

sub label
{
	my ($x, $y, $text, %style) = @_;
	my $attributes = join '', map { ' ' . ($_ =~ tr/_/-/r) . "=\"$style{$_}\"" } sort keys %style;
	push @marks, '<text x="' . fixed($x) . '" y="' . fixed($y) . "\"$attributes>" . escaped($text) . '</text>';
	return;
}

sub segment
{
	my ($x1, $y1, $x2, $y2, %style) = @_;
	my $attributes = join '', map { ' ' . ($_ =~ tr/_/-/r) . "=\"$style{$_}\"" } sort keys %style;
	push @marks, sprintf '<line x1="%s" y1="%s" x2="%s" y2="%s"%s/>', map({ fixed($_) } $x1, $y1, $x2, $y2), $attributes;
	return;
}

sub box
{
	my ($x, $y, $w, $h, $fill) = @_;
	push @marks, sprintf '<rect x="%s" y="%s" width="%s" height="%s" fill="%s" stroke="black"/>', map({ fixed($_) } $x, $y, $w, $h), $fill;
	return;
}

sub curve
{
	my ($dash, @points) = @_;
	push @marks, '<polyline points="' . join(' ', map { fixed($_->[0]) . ',' . fixed($_->[1]) } @points)
		. "\" fill=\"none\" stroke-width=\"2\" stroke-dasharray=\"$dash\"/>";
	return;
}

# The frame of a chart, with scales from 0 (x_step 0: no marks below): returns the functions from a value to its place.
sub axes
{
	my ($x_end, $x_step, $x_title, $y_end, $y_step, $y_unit) = @_;
	my $x = sub { $left + $_[0] / $x_end * ($width - $left - $right) };
	my $y = sub { $height - $bottom - $_[0] / $y_end * ($height - $top - $bottom) };
	for (my $value = 0; $value <= $y_end; $value += $y_step)
	{
		segment($left, $y->($value), $width - $right, $y->($value), stroke => '#bbb');
		label($left - 8, $y->($value) + 4, "$value$y_unit", text_anchor => 'end');
	}
	for (my $value = 0; $x_step && $value <= $x_end; $value += $x_step)
	{
		segment($x->($value), $y->(0), $x->($value), $y->(0) + 5);
		label($x->($value), $y->(0) + 18, $value, text_anchor => 'middle');
	}
	label(($left + $width - $right) / 2, $height - 8, $x_title, text_anchor => 'middle');
	return ($x, $y);
}

# Labels at the right ends of lines, kept apart: [y, text].
sub ends
{
	my $lowest = 0;
	for (sort { $a->[0] <=> $b->[0] } @_)
	{
		my $y = $_->[0] + 4 > $lowest ? $_->[0] + 4 : $lowest;
		label($width - $right + 8, $y, $_->[1]);
		$lowest = $y + 15;
	}
	return;
}

sub draw
{
	my ($name, $title, $chart) = @_;
	@marks = ();
	label($left, 20, $title, font_weight => 'bold');
	$chart->();
	open my $out, '>:utf8', "$directory/$name.svg" or die "$directory/$name.svg: $!\n";
	print {$out} qq{<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $width $height" width="$width" height="$height"},
		qq{ font-family="sans-serif" font-size="12" role="img"><title>}, escaped($title), qq{</title>\n},
		qq{<rect width="$width" height="$height" fill="white"/>\n<g stroke="black" stroke-width="1">\n},
		join("\n", grep { !/^<text/ } @marks), "\n</g>\n", join("\n", grep { /^<text/ } @marks), "\n</svg>\n";
	close $out or die "$directory/$name.svg: $!\n";
	return;
}

# ---- the charts ----

sub history
{
	my @days = sql(q{SELECT visit_no, to_char(day, 'DD Mon'), day - first_visit(h), amount, latency
		FROM customers, visits(h) WHERE customer_id = 136});
	my $end = 250;
	my $x = sub { $left + $_[0] / $end * ($width - 2 * $left) };
	segment($x->(0), 150, $x->($end), 150, stroke_width => 2);
	for (@days)
	{
		my ($visit, $day, $since, $amount, $gap) = @$_;
		my $refund = $visit eq '';
		push @marks, sprintf '<circle cx="%s" cy="150" r="7" fill="%s" stroke="black" stroke-width="2"/>', fixed($x->($since)), $refund ? 'white' : 'black';
		label($x->($since), $refund ? 118 : 134, $amount, text_anchor => 'middle');
		label($x->($since), $refund ? 196 : 176, $day, text_anchor => 'middle');
		label($x->($since), 212, 'refund', text_anchor => 'middle') if $refund;
		next if $gap eq '';
		segment($x->($since), 90, $x->($since), 98);
		segment($x->($since), 94, $x->($since + $gap), 94);
		segment($x->($since + $gap), 90, $x->($since + $gap), 98);
		label($x->($since + $gap / 2), 84, "$gap days", text_anchor => 'middle');
	}
	label($left, 250, 'Black: visits, with the money of the day. White: a refund, which is money but no visit.');
	label($left, 268, 'Above: the latencies, the days from each visit to the next.');
	return;
}

# Of the hotel guests of nine months, who has come back within so many days of the first visit.
sub latency
{
	my @rows = sql(q{
		WITH known AS (SELECT h, as_of(h, '2024-09-30') AS seen FROM guests WHERE first_visit(h) <= '2024-09-30'),
			norms AS (SELECT latency_norms(seen, '2024-09-30') AS norms FROM known)
		SELECT day, (count(*) FILTER (WHERE latency(seen, 1) <= day))::float / count(latency(seen, 1)),
			return_rate(norms, 1, day) / return_rate(norms, 1), (count(*) FILTER (WHERE latency(h, 1) <= day))::float / count(latency(h, 1))
		FROM generate_series(0, 200, 2) AS day, known, norms GROUP BY day, norms ORDER BY day});
	my ($x, $y) = axes(200, 50, 'days since the first visit', 100, 25, ' %');
	my @names = ('completed gaps only', "Kaplan\x{2013}Meier", 'what happened');
	segment($x->(0), $y->(50), $x->(200), $y->(50), stroke => '#555');
	for my $i (0 .. 2)
	{
		curve($dashes[ (2, 0, 1)[$i] ], map { [ $x->($_->[0]), $y->(100 * $_->[ $i + 1 ]) ] } @rows);
		my $at = $height - $bottom - 12 - 18 * (2 - $i);
		curve($dashes[ (2, 0, 1)[$i] ], [ $x->(110), $at - 4 ], [ $x->(130), $at - 4 ]);
		label($x->(134), $at, $names[$i]);
	}
	label($x->(200) + 8, $y->(50) + 4, 'half of those');
	label($x->(200) + 8, $y->(50) + 18, 'who come back');
	return;
}

sub norms
{
	my @rows = sql(q{SELECT step, p20, median, p80, p95 FROM
		(SELECT latency_norms(h, '2024-12-31') AS norms FROM customers WHERE channel = 'store') AS store, norms_table(norms) WHERE step <= 8});
	my ($x, $y) = axes(9, 0, 'after visit number', 100, 25, '');
	for (@rows)
	{
		my ($step, $p20, $median, $p80, $p95) = @$_;
		label($x->($step), $y->(0) + 18, $step, text_anchor => 'middle');
		box($x->($step) - 12, $y->($p80), 24, $y->($p20) - $y->($p80), '#ccc');
		segment($x->($step) - 12, $y->($median), $x->($step) + 12, $y->($median), stroke_width => 4);
		segment($x->($step), $y->($p80), $x->($step), $y->($p95));
		segment($x->($step) - 6, $y->($p95), $x->($step) + 6, $y->($p95));
	}
	my ($p20, $median, $p80, $p95) = @{ $rows[-1] }[ 1 .. 4 ];
	ends([ $y->($p95), 'p95: beyond, lapsed' ], [ $y->($p80), 'p80: beyond, overdue' ], [ $y->($median), 'median: beyond, due' ], [ $y->($p20), 'p20' ]);
	return;
}

# Status three months ago against what happened since.
sub warning
{
	my @rows = sql(q{
		WITH past AS (SELECT channel, latency_norms(h, '2024-09-30') AS norms FROM customers GROUP BY channel)
		SELECT status, count(*), round(100 * avg((visits_between(h, '2024-10-01', '2024-12-31') > 0)::int))
		FROM customers JOIN past USING (channel), latency_status(h, norms, '2024-09-30') AS status
		WHERE status <> 'no_visits' GROUP BY status ORDER BY 3 DESC});
	my $row = 0;
	for (@rows)
	{
		my ($status, $customers, $percent) = @$_;
		my $y = 52 + 52 * $row++;
		label(120, $y + 17, $status, text_anchor => 'end', font_weight => 'bold');
		label(120, $y + 31, "$customers customers", text_anchor => 'end');
		box(132, $y, 3 * $percent, 34, ('#fff', '#ccc', '#777', '#000')[ $row - 1 ]);
		label(132 + 3 * $percent + 8, $y + 22, "$percent % came in the next three months");
	}
	label(132, $height - 16, 'latency_status as of 2024-09-30, visits from 2024-10-01 to 2024-12-31');
	return;
}

# Cells with a name and a number, the darker the larger the number: [row, column, name, number], row 1 on top.
sub grid
{
	my ($w, $h, $darkest, $rows, $columns, @cells) = @_;
	my ($x, $y) = (sub { 84 + ($_[0] - 1) * $w }, sub { 36 + ($_[0] - 1) * $h });
	for (@cells)
	{
		my ($row, $column, $name, $number) = @$_;
		my $grey = 255 - int(110 * ($number > $darkest ? 1 : $number / $darkest));
		box($x->($column), $y->($row), $w, $h, sprintf('#%02x%02x%02x', ($grey) x 3));
		label($x->($column + 0.5), $y->($row + 0.5) - 4, $name, text_anchor => 'middle');
		label($x->($column + 0.5), $y->($row + 0.5) + 12, $number, text_anchor => 'middle', font_weight => 'bold');
	}
	label($x->(1) - 8, $y->($_ + 1.5) + 4, $rows->[$_], text_anchor => 'end') for 0 .. $#$rows;
	label($x->($_ + 1.5), $y->(@$rows + 1) + 16, $columns->[$_], text_anchor => 'middle') for 0 .. $#$columns;
	return;
}

sub rfm
{
	my @cells = sql(q{
		WITH learned AS (SELECT rfm_scheme(h, '2024-12-31') AS scheme FROM customers),
			counted AS (SELECT (rfm(h, scheme, '2024-12-31')).r, (rfm(h, scheme, '2024-12-31')).f, count(*) AS customers FROM customers, learned GROUP BY 1, 2)
		SELECT 6 - r, f, replace(rfm_segment(ROW(r, f, NULL)::rfm_score), '_', ' '), coalesce(customers, 0)
		FROM generate_series(1, 5) r CROSS JOIN generate_series(1, 5) f LEFT JOIN counted USING (r, f) ORDER BY r, f});
	grid(104, 44, 300, [ map { "R $_" } reverse 1 .. 5 ], [ map { "F $_" } 1 .. 5 ], @cells);
	label(84, $height - 10, 'R 5: here lately. F 5: comes most often. Numbers: customers; the darker, the more.');
	return;
}

sub stages
{
	my @activity = qw(active silent sleeping lost);
	my @loyalty = qw(new second regular fan);
	my @cells = sql(q{
		WITH learned AS (SELECT channel, latency_norms(h, '2024-12-31') AS norms FROM customers GROUP BY channel)
		SELECT array_position('{active, silent, sleeping, lost}', activity), array_position('{new, second, regular, fan}', loyalty),
			sum(total_spend(h))::bigint || ' in sales', count(*)
		FROM customers JOIN learned USING (channel), activity_level(h, norms, '2024-12-31') AS activity, loyalty_level(h, '2024-12-31') AS loyalty
		GROUP BY activity, loyalty ORDER BY 1, 2});
	grid(124, 50, 600, \@activity, \@loyalty, @cells);
	label(84, $height - 18, 'Down: how alive. Across: how much of a regular. Bold: customers; the darker, the more.');
	return;
}

sub retention
{
	my @rows = sql(q{SELECT channel, period_no, 100 * retention FROM
		(SELECT channel, cohort_retention(h, 'quarter', '2024-12-31') AS cohort FROM customers GROUP BY channel) AS c, cohort_table(cohort)
		WHERE period_no <= 6 ORDER BY channel, period_no});
	my ($x, $y) = axes(6, 1, 'quarters since the first visit', 100, 25, ' %');
	my %points;
	push @{ $points{ $_->[0] } }, [ $x->($_->[1]), $y->($_->[2]) ] for @rows;
	my $line = 0;
	for my $channel (sort keys %points)
	{
		curve($dashes[ $line++ ], @{ $points{$channel} });
	}
	ends(map { [ $points{$_}[-1][1], $_ ] } keys %points);
	return;
}

# Two customers who came ten times, weekly and monthly: what does silence say of each?
sub silence
{
	my @rows = sql(q{
		WITH model AS (SELECT fit_btyd(h, '2024-12-31') AS model FROM customers WHERE channel = 'store'),
			two AS (SELECT gap, visit_history(date '2024-01-01' + gap * n) AS h FROM unnest('{7, 30}'::int[]) gap, generate_series(0, 9) n GROUP BY gap)
		SELECT gap, silence, 100 * p_alive(h, model, last_visit(h) + silence)
		FROM two, model, generate_series(0, 150, 3) AS silence ORDER BY gap, silence});
	my ($x, $y) = axes(150, 30, 'days since the last of ten visits', 100, 25, ' %');
	my ($line, @ends) = (0);
	for my $gap (7, 30)
	{
		my @points = map { [ $x->($_->[1]), $y->($_->[2]) ] } grep { $_->[0] == $gap } @rows;
		curve($dashes[ $line++ ], @points);
		push @ends, [ $points[-1][1], "came every $gap days" ];
	}
	ends(@ends);
	return;
}

# ---- the data ----

system('psql', '-Xqd', 'postgres', '-v', 'ON_ERROR_STOP=1', '-c', 'SET client_min_messages = error',
	'-c', 'DROP DATABASE IF EXISTS charts', '-c', 'CREATE DATABASE charts') == 0 or die "cannot create a database\n";
system('psql', '-Xqd', 'charts', '-v', 'ON_ERROR_STOP=1', '-c', q{
	CREATE SCHEMA crm;
	CREATE EXTENSION crm_retention SCHEMA crm;
	SET search_path = public, crm;
	CREATE TABLE customers AS SELECT customer_id, min(channel) AS channel, visit_history(ordered_at, amount) AS h
		FROM simulate_transactions(3000, '2023-01-01', '2024-12-31', 7) GROUP BY customer_id;
	CREATE TABLE guests AS SELECT customer_id, visit_history(ordered_at, amount) AS h
		FROM simulate_transactions(20000, '2024-01-01', '2027-12-31', 7) WHERE channel = 'hotel' GROUP BY customer_id;}) == 0
	or die "cannot simulate\n";

draw('history', 'One customer, one value', \&history);
draw('latency', 'Hotel guests after nine months: who has come back, of those who do?', \&latency);
draw('norms', "The store's norms: days to the next visit", \&norms);
draw('warning', 'Does the warning warn?', \&warning);
draw('rfm', 'Customers by recency and frequency, and the segments of rf25', \&rfm);
draw('stages', 'The sixteen cells: activity and loyalty', \&stages);
draw('retention', 'Customers who came in a quarter, of those who could', \&retention);
draw('silence', 'P(alive): the same silence says different things', \&silence);
system('psql', '-Xqd', 'postgres', '-c', 'DROP DATABASE charts') == 0 or die "cannot drop the database\n";
