{{ config(materialized='incremental', unique_key='number') }}

with orders as (
    select * from {{ ref('stg_orders') }}
    {% if is_incremental() %}
    where updated_at > (select max(updated_at) from {{ this }})
    {% endif %}
),

payments as (
    select
        order_number,
        sum(amount) as paid
    from {{ source('shop', 'payments') }}
    group by order_number
)

select
    orders.number,
    orders.total,
    {% for kind in ['card', 'cash'] %}
    sum(case when orders.kind = '{{ kind }}' then 1 else 0 end) as {{ kind }}_orders,
    {% endfor %}
    coalesce(payments.paid, 0) as paid
from orders
left join payments on payments.order_number = orders.number
