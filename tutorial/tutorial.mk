# tutorial.mk: renders the book, in English and Chinese, as HTML, PDF and EPUB.
#
# HTML needs pandoc and a POSIX shell; graphviz draws its figures, PDF needs WeasyPrint; the slides
# need npm, once.

LANGUAGES = en zh
BOOK = tutorial/build/seccomp-workbook
# The date of this version, so that a book made twice is the same book.
export SOURCE_DATE_EPOCH ?= 1795392000
PANDOC ?= pandoc
WEASYPRINT ?= weasyprint

html: $(LANGUAGES:%=$(BOOK).%.html)
pdf: $(LANGUAGES:%=$(BOOK).%.pdf)
epub: $(LANGUAGES:%=$(BOOK).%.epub)
tutorial: html pdf epub

# Everything that the book shows of the sources, besides its own text.
shown = $(wildcard common/*.* step-?/example.c step-?/Makefile step-?/configure.ac tutorial/programs/*.c tutorial/failures/*.[ch] \
	tutorial/data/*.txt tutorial/data/*.csv \
	tutorial/data/loops/*.txt tutorial/data/filters/* tutorial/regions.tsv)
render = $(PANDOC) --from markdown-smart --columns 500 --standalone --section-divs --toc --toc-depth 2 \
	--lua-filter tutorial/workbook.lua --metadata-file tutorial/$*/metadata.yaml
figures = $(patsubst %,tutorial/build/figures/%.$(1).svg,$(basename \
	$(notdir $(wildcard tutorial/figures/*.dot tutorial/data/*.dot))) bench)
drawn = $(foreach language,$(LANGUAGES),$(call figures,$(language)))

.SECONDEXPANSION:

$(BOOK).%.html: $$(wildcard tutorial/$$*/*) tutorial/template.html $$(wildcard tutorial/*.lua tutorial/*.js) \
		tutorial/workbook.css $(shown) $(drawn)
	$(render) --to html5 --template tutorial/template.html --output $@ $(filter tutorial/$*/%.md,$^)

$(BOOK).%.pdf: $(BOOK).%.html tutorial/print.css
	$(WEASYPRINT) --quiet --stylesheet tutorial/print.css $< $@

$(BOOK).%.epub: $$(wildcard tutorial/$$*/*) $$(wildcard tutorial/*.lua) tutorial/epub.css $(shown) $(drawn)
	$(render) --to epub3 --css tutorial/epub.css --output $@ $(filter tutorial/$*/%.md,$^)

# The slides for one session: a file to show, which has reveal.js in it; as PDF; and as PDF with the notes.
SLIDES = tutorial/build/seccomp-slides
reveal = tutorial/slides/node_modules/reveal.js
in_slides = $(wildcard tutorial/*.lua) $(addprefix tutorial/slides/,slides.lua template.html slides.css slides.js)
found = command -v $(1) >/dev/null || { echo '$(1) not found. Type: ./bootstrap --all' >&2; exit 1; }

slides: $(foreach language,$(LANGUAGES),$(SLIDES).$(language).html $(SLIDES).$(language).pdf $(SLIDES)-notes.$(language).pdf)

$(SLIDES).%.html: tutorial/slides/%.md tutorial/$$*/metadata.yaml $(in_slides) $(shown) $(drawn) | $(reveal)
	@$(call found,$(PANDOC))
	$(PANDOC) --from markdown-smart --to revealjs --slide-level 1 --columns 500 --standalone \
		--lua-filter tutorial/workbook.lua --lua-filter tutorial/slides/slides.lua \
		--metadata-file tutorial/$*/metadata.yaml --template tutorial/slides/template.html --output $@ $<

$(SLIDES).%.pdf: $(SLIDES).%.html tutorial/slides/print.css
	@$(call found,$(WEASYPRINT))
	$(WEASYPRINT) --quiet --stylesheet tutorial/slides/print.css $< $@

$(SLIDES)-notes.%.pdf: $(SLIDES).%.html tutorial/slides/print.css tutorial/slides/hand-out.css
	@$(call found,$(WEASYPRINT))
	$(WEASYPRINT) --quiet --stylesheet tutorial/slides/print.css --stylesheet tutorial/slides/hand-out.css $< $@

# Fetched once; from then on nothing needs the network.
$(reveal): tutorial/slides/package-lock.json
	@$(call found,$(NPM))
	@cd tutorial/slides && $(NPM) ci --silent || { \
		echo 'The slides need reveal.js, fetched once by npm, which failed. Go online, then type: make slides' >&2; exit 1; }
	@touch $@

# A label in a figure is "English @ 中文"; those of seccomp-inspect, in tutorial/data, are translated. Without
# what draws it the book shows the figure's description.
define draw
tutorial/build/figures/%.$(1).svg: tutorial/figures/%.dot
	$$(call with,dot,sed '$(2)' $$< | dot -Tsvg -o $$@)
tutorial/build/figures/%.$(1).svg: tutorial/data/%.dot tutorial/figures/inspect.$(1).sed
	$$(call with,dot,sed -f tutorial/figures/inspect.$(1).sed $$< | dot -Tsvg -o $$@)
tutorial/build/figures/%.$(1).svg: tutorial/data/%.csv common/inspect/%.gp
	$$(call with,gnuplot,gnuplot -e "csv='$$<'; svg='$$@'; lang='$(1)'" common/inspect/$$*.gp)
endef

# A recipe that draws $@ from $<, by a command that needs this program.
define with
	@mkdir -p tutorial/build/figures
	@if command -v $(1) >/dev/null; then \
		$(2); \
	else \
		echo 'No $(1): the book gets the description of $<' >&2; rm -f $@; \
	fi
endef
$(eval $(call draw,en,s/ @ [^"]*"/"/g))
$(eval $(call draw,zh,s/"[^"@]* @ /"/g))

# A release: the sources with generated configure scripts, and the books.
release = seccomp-workbook-$(shell sed -n 's/^AC_INIT(.*\[\(.*\)\])/\1/p' configure.ac)

dist: tutorial slides
	rm -rf tests/build/dist && mkdir -p tests/build/dist/$(release)/books
	git ls-files | tar -cf - -T - | tar -xf - -C tests/build/dist/$(release)
	cp $(BOOK).* $(SLIDES)* tests/build/dist/$(release)/books
	cd tests/build/dist/$(release) && autoconf && for stage in step-?; do \
		(cd $$stage && autoconf && autoheader) || exit 1; done
	cd tests/build/dist/$(release) && rm -rf autom4te.cache step-?/autom4te.cache
	find tests/build/dist -exec touch -r tests/build/dist/$(release)/configure {} +
	tar -C tests/build/dist -czf $(release).tar.gz $(release)
	@echo 'Made $(release).tar.gz'

.SECONDARY: $(drawn)
.PHONY: html pdf epub tutorial slides dist
