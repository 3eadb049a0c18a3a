"""One static page about what was built: charts, tables and the build itself (`make report`).

`data` asks the database through dbt, one module per product says which figures there are, `charts`
draws them with Altair, and `page` writes the HTML. What a reader can choose on the page is a
parameter of the chart's own specification, so that the picture, the table and what the page
recomputes in the browser come from one description.
"""
