# pages.tcl: what the tests of rendered pages share: the book's, and the slides'.

# True if all files are there, and all commands (named without a slash); else the check is skipped.
proc need {name args} {
    foreach one $args {
        if {[string match */* $one]} {set there [file exists $one]} else {set there [expr {[auto_execok $one] ne ""}]}
        if {!$there} {
            skip $name "no $one"
            return 0
        }
    }
    return 1
}

proc text_of {name} {
    return [encoding convertfrom utf-8 [read_file $name]]
}

# A command has to end with status 0 and say nothing.
proc quiet {command name} {
    set status [run $command]
    if {![ok [expr {$status == 0 && $output eq ""}] $name]} {note "status $status: [string range $output 0 3000]"}
}

# A list of problems has to be empty.
proc none {problems name} {
    if {![ok [expr {[llength $problems] == 0}] $name]} {
        note [encoding convertto utf-8 [join [lrange $problems 0 9] \n]]
        if {[llength $problems] > 10} {note "and [expr {[llength $problems] - 10}] more"}
    }
}

proc attributes {html name} {
    set values {}
    foreach {all value} [regexp -all -inline "<\[^>\]*\\s$name=\"(\[^\"\]*)\"" $html] {lappend values $value}
    return $values
}

proc repeated {values} {
    set more {}
    foreach value $values {
        if {[incr seen($value)] == 2} {lappend more $value}
    }
    return $more
}

# The lines of pdffonts' table, below its two lines of heading, that do not say "yes" for embedded.
proc fonts_outside {table} {
    set lines {}
    foreach line [lrange [split $table \n] 2 end] {
        if {![regexp { yes +(yes|no) +(yes|no) +\d+ +\d+$} $line]} {lappend lines $line}
    }
    return $lines
}

# Text without its tags.
proc without_tags {html} {
    return [string map {&lt; < &gt; > &quot; \" &#39; ' &amp; &} [regsub -all {<[^>]*>} $html {}]]
}

# The words that pdftotext -bbox found, with the corners of their boxes, in points: x1 y1 x2 y2 word, and so on.
proc words_in {boxes} {
    set words {}
    foreach {all x1 y1 x2 y2 word} [regexp -all -inline \
        {<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">([^<]*)} $boxes] {
        lappend words $x1 $y1 $x2 $y2 $word
    }
    return $words
}

# Java takes most of a short run's time for compiling what runs once.
set java "java -Xss4m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -jar"

proc html_by_vnu {args} {
    set vnu $::modules/vnu-jar/build/dist/vnu.jar
    if {[need "HTML by vnu" java $vnu {*}$args]} {quiet "$::java $vnu --errors-only $args" "HTML by vnu"}
}

# A script in tests/web, and its arguments, prints a line for each of its checks; it has to come to its end.
proc in_browser {command args} {
    set name "in the browser"
    if {![need $name node chromium $::modules/axe-core $::modules/playwright-core {*}$args]} return
    set status [run "node $::web/$command"]
    foreach line [split $output \n] {
        if {[regexp {^(not )?ok ([^:]*: [^:]*)(: (.*))?$} $line all not what colon reason]} {
            if {![ok [expr {$not eq ""}] "$name, $what"]} {note $reason}
        } else {
            note $line
        }
    }
    is $status 0 "$name: exit status"
}
