# inspect.en.sed: what a drawing of seccomp-inspect needs for the book.
s/ \.\.\. / … /
s/fontname="[a-z-]*"/fontname="DejaVu Sans Mono"/
s/^  labelloc=t$/  graph [bgcolor=transparent labelloc=t fontname="Open Sans"]/
